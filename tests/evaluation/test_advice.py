"""Advice: what really goes wrong in a run is met with words that say how to mend it."""

from __future__ import annotations

import pytest

from evo.evaluation.advice import advice
from evo.evaluation.metrics import failure, judged
from evo.evaluation.runs import run_policy
from evo.metric import Metric
from evo.population import Failure, FailureKind
from evo.simulator.parameters import Parameters
from evo.simulator.states import Priority
from evo.simulator.stats import RunFailure
from evo.simulator.trace import OperatorSpec, PipelineSpec, Trace
from tests.evaluation.small import policy

CLUSTER = Parameters.complete(
    {"duration": 10, "ticks_per_second": 10, "num_pools": 1, "multi_operator_containers": False}
)

OPS = "ops = [op for p in pipelines for op in p.values]"
GIVE = "Assignment([ops[0]], 1, 60, Priority.QUERY, 0, 'p')"


def outcome(body: str, seconds: float = 1.0) -> Failure:
    """What becomes of a policy whose calls begin with `body`, on two pipelines of two operators, the second tiny."""
    operators = (
        OperatorSpec((), seconds, "const", 50.0, 0.0),
        OperatorSpec((0,), 1.0, "const", 50.0, 0.0),
    )
    pipelines = [(0.0, PipelineSpec(f"p{n}", Priority.QUERY, operators)) for n in range(2)]
    result = run_policy(policy(body), Trace("t", tuple(pipelines)), CLUSTER).result
    failed = judged(Metric.LATENCY, [("t", result)])
    assert isinstance(failed, Failure), failed
    return failed


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (
            f"{OPS}\nif ops: return [], [Assignment([ops[0]], 65, 9, 1, 0, 'p')]",
            "invalid-action",
            "count together",
        ),
        (f"{OPS}\nif ops: return [], [{GIVE}, {GIVE}]", "invalid-action", "get_ops"),
        (f"{OPS}\nif ops: return [], [{GIVE}] * 2", "invalid-action", "same Assignment object"),
        (f"{OPS}\nif ops: return [], [Assignment([ops[1]], 1, 60, 1, 0, 'p')]", "invalid-action", "parents"),
        (
            f"{OPS}\nif ops: return [], [Assignment(ops[:2], 1, 60, 1, 0, 'p')]",
            "invalid-action",
            "one operator",
        ),
        (f"{OPS}\nif ops: return [], [Assignment(ops[:1], 0, 60, 1, 0, 'p')]", "invalid-action", "0 or less"),
        ("return [Suspend('c1', 0)], []", "invalid-action", "can_suspend_container()"),
        ("return None", "invalid-action", "two lists"),
        ("return None, None", "invalid-action", "two lists"),
        ("return [], [1]", "invalid-action", "Assignment objects"),
        ("return [], []", "unscored", "nothing was ever assigned"),
        (f"{OPS}\nreturn [], [{GIVE}] if ops else []", "unscored", "no pipeline was done"),
        ("s.nothing", "exception", "init function"),
        ("max([])", "exception", "guard for nothing"),
        ("[][0]", "exception", "guard for nothing"),
        ("s.d = {1: 2}\nfor k in s.d: s.d[k + 1] = 1", "exception", "over a copy"),
    ],
)
def test_what_goes_wrong_in_a_run(body: str, kind: str, words: str) -> None:
    """Each mistake is made for real, and its message answered with what it needs."""
    failed = outcome(body)
    assert failed.kind.value == kind, failed
    assert words in advice(failed), failed


def test_an_exception_without_words() -> None:
    """A container that ends in an operator of no ticks stops the run with nothing but StopIteration."""
    failed = outcome("pass", seconds=0.01)
    assert failed.message == "StopIteration"
    assert "fewer CPUs" in advice(failed)


@pytest.mark.parametrize("kind", ["time", "work", "memory", "crash", "output", "cheating"])
def test_limits(kind: str) -> None:
    """Whatever bound of evo's a policy met, there is something to be said."""
    assert advice(failure(RunFailure(kind, "why", 3, "policy"), "t"))


def test_what_needs_no_advice_gets_none() -> None:
    """A message that says it all is left alone."""
    assert not advice(Failure(FailureKind.EXCEPTION, "ZeroDivisionError: division by zero", "t", 3, 4))
    assert not advice(Failure(FailureKind.FORBIDDEN, "line 3 imports os"))
