"""Policies times traces: suites, metrics, the cache, and the processes among which the work is spread.

A policy is scored on all traces of its suite, or has failed, or was stopped where it didn't meet what was asked of it.
Knows nothing of how policies come about or are kept.
"""

from evo.evaluation.cache import Cache
from evo.evaluation.evaluator import Evaluator, default_workers
from evo.evaluation.metrics import Measurement, judged, score
from evo.evaluation.runs import Engine, Run, Simulator, run_policy
from evo.evaluation.stages import Candidate, Demand, Echo
from evo.evaluation.suite_file import load_suite
from evo.evaluation.suites import BUILT_IN, Suite, suite_files

__all__ = [
    "BUILT_IN",
    "Cache",
    "Candidate",
    "Demand",
    "Echo",
    "Engine",
    "Evaluator",
    "Measurement",
    "Run",
    "Simulator",
    "Suite",
    "default_workers",
    "judged",
    "load_suite",
    "run_policy",
    "score",
    "suite_files",
]
