"""How busy a run keeps its models and its workers: calls answered a second, over what would be ideal.

    python tests/benchmarks/overlap.py [--delay 1.0] [--in-flight 8] [--generations 12] [--workers 2] [--json]

A stand-in model on this machine answers after a second, half of it more or less by chance. Ideal is the slower of two: all
calls in flight all the time, or all children scored at once by the same workers. Measured is the time from the first
population's end to the end of the last generation but one, since nothing can overlap with the last one's stragglers.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from rich.console import Console
from rich.table import Table

import evo
from evo.config import RunConfig
from evo.consulting import Calling
from evo.evaluation import load_suite
from evo.evaluation.evaluator import Evaluator
from evo.records import Generation
from tests.consulted import Neighbour
from tests.llm.server import Server


@dataclass(frozen=True)
class Row:
    """One run, in seconds: as it was, its calls alone, and its scores alone."""

    overlap: int
    calls: int
    scored: int
    seconds: float
    calls_alone: float
    scores_alone: float

    @property
    def share(self) -> float:
        """How close the run came to the ideal, 1 at best."""
        return max(self.calls_alone, self.scores_alone) / self.seconds


def main() -> None:
    """Measure, and print a table, or JSON."""
    parser = argparse.ArgumentParser(description="How busy a run keeps its models and its workers.")
    parser.add_argument("--delay", type=float, default=1.0, help="seconds of an answer, in the mean")
    parser.add_argument("--in-flight", type=int, default=8, help="calls at a time")
    parser.add_argument("--generations", type=int, default=12, help="generations of 24 children")
    parser.add_argument("--workers", type=int, default=2, help="policies scored at a time")
    parser.add_argument("--json", action="store_true", help="figures for machines")
    options = parser.parse_args()
    with Server(Neighbour(delay=options.delay)) as server:
        rows = [measured(server, overlap, options) for overlap in (0, 1)]
    if options.json:
        Console().print_json(json.dumps([asdict(row) | {"share": row.share} for row in rows]))
        return
    table = Table("overlap", "calls", "scored", "s", "calls alone", "scores alone", "of the ideal")
    for row in rows:
        seconds = [f"{value:.1f}" for value in (row.seconds, row.calls_alone, row.scores_alone)]
        table.add_row(str(row.overlap), str(row.calls), str(row.scored), *seconds, f"{row.share:.0%}")
    Console().print(table)


def measured(server: Server, overlap: int, options: argparse.Namespace) -> Row:
    """One run with this overlap."""
    config = RunConfig(
        models=(f"{server.v1}#stand-in",),
        model_share=1.0,
        generations=options.generations,
        overlap=overlap,
        seed=4,
    )
    with tempfile.TemporaryDirectory() as root:
        calling = Calling(in_flight=options.in_flight)
        moments = [
            (time.monotonic(), len(server.billed))
            for event in evo.evolve(config, name="run", root=root, workers=options.workers, calling=calling)
            if isinstance(event, Generation)
        ]
        run = evo.load_run("run", root=root)
    (begun, before), (ended, after) = moments[0], moments[-2]
    scored = [one.policy for one in run.individuals if 0 < one.generation < options.generations]
    with Evaluator(load_suite(config.suite), config.metric, None, options.workers, insight=True) as evaluator:
        list(evaluator.evaluate([run.individuals[0].policy]))
        at_once = time.monotonic()
        list(evaluator.evaluate(scored))
        alone = time.monotonic() - at_once
    calls = after - before
    waits = calls * options.delay / options.in_flight
    return Row(overlap, calls, len(scored), ended - begun, waits, alone)


if __name__ == "__main__":
    main()
