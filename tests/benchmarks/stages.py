"""What stages spare, and that they change nobody's life: the same searches with and without.

    python tests/benchmarks/stages.py [--suite quick] [--seeds 5] [--generations 7] [--population 16] [--children 24] [--json]

Both searches of a seed must give birth to the same policies, and let the same ones live on and into the hall of fame, or
this fails. Novelty is off: what was done on traces that nobody ran any more can't be known to be done again. The share is
of the simulations without stages, those of failed policies aside: of these the journal doesn't say how many they ran.
Seconds are those of the whole search.
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

from msgspec.structs import replace
from rich.console import Console
from rich.table import Table

import evo
from evo.config import RunConfig
from evo.population import Partial
from evo.saved import Run


@dataclass(frozen=True)
class Row:
    """A seed: how many were born and stopped, simulations in all and spared, seconds without stages and with them."""

    seed: int
    born: int
    stopped: int
    simulations: int
    spared: int
    without: float
    seconds: float


def main() -> None:
    """Search, and print a table, or JSON."""
    parser = argparse.ArgumentParser(description="What stages spare, and that they change nobody's life.")
    parser.add_argument("--suite", default="quick", help="a suite's name or file")
    parser.add_argument("--seeds", type=int, default=5, help="seeds from 1 on")
    for key in ("generations", "population", "children"):
        parser.add_argument(
            f"--{key}", type=int, default=getattr(RunConfig(), key), help=f"{key} of each search"
        )
    parser.add_argument("--json", action="store_true", help="figures for machines")
    options = parser.parse_args()
    plain = RunConfig(
        suite=options.suite,
        generations=options.generations,
        population=options.population,
        children=options.children,
        stages=False,
        novelty=False,
    )
    rows = [measured(replace(plain, seed=seed)) for seed in range(1, options.seeds + 1)]
    if options.json:
        Console().print_json(json.dumps([asdict(row) for row in rows]))
        return
    table = Table("seed", "born", "stopped", "simulations", "spared", "share", "s without", "s with")
    for row in rows:
        share = f"{row.spared / row.simulations:.1%}"
        counts = [str(each) for each in (row.seed, row.born, row.stopped, row.simulations, row.spared)]
        table.add_row(*counts, share, f"{row.without:.1f}", f"{row.seconds:.1f}")
    Console().print(table)


def measured(plain: RunConfig) -> Row:
    """One seed, without stages and with them."""
    (whole, without), (cut, seconds) = (searched(replace(plain, stages=stages)) for stages in (False, True))
    assert lives(whole) == lives(cut), f"seed {plain.seed}: stages changed who lives"
    traces = [len(one.fitness.per_trace) for one in whole.individuals if one.fitness is not None]
    stopped = [one.outcome for one in cut.individuals if isinstance(one.outcome, Partial)]
    spared = sum(one.left for one in stopped)
    return Row(plain.seed, len(cut.individuals), len(stopped), sum(traces), spared, without, seconds)


def searched(config: RunConfig) -> tuple[Run, float]:
    """A run, and the seconds that it took."""
    with tempfile.TemporaryDirectory() as root:
        begun = time.monotonic()
        for _ in evo.evolve(config, name="run", root=root):
            pass
        return evo.load_run("run", root=root), time.monotonic() - begun


def lives(run: Run) -> tuple[object, ...]:
    """Who was born of whom, who lived when, and who is famous."""
    born = [(one.number, one.generation, one.policy, one.lineage) for one in run.individuals]
    lived = [[one.number for one in each.population.individuals] for each in run.generations]
    return born, lived, run.hall_of_fame()


if __name__ == "__main__":
    main()
