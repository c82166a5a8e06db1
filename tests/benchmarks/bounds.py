"""How near anybody comes to the proven bounds: random policies that know everything, in random worlds.

    python tests/benchmarks/bounds.py [--worlds 1000] [--policies 4] [--first 0] [--json]

Each world is a small cluster, often short of something, with a trace of its own; each policy is told every operator's memory
and packs, slivers, waits, suspends and overcommits as it likes. For every metric it tells in how many runs it could be
scored, in how many it stood at its bound, and the median of how many times it missed it. Exits with 1, with the seed of the
world, if a run is better than its bound. The recorded runs of upstream are held against their bounds first.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[2]))

from rich.console import Console
from rich.progress import track
from rich.table import Table

from evo.evaluation.bounds import bounds
from evo.evaluation.metrics import score
from evo.evaluation.times import Yardstick
from evo.metric import Metric
from evo.simulator.stats import SimulatorStats
from tests.evaluation.bounds.recorded import RECORDED, case_is_better
from tests.evaluation.bounds.wild import better, wild, world
from tests.evaluation.knowing import fares

_REACHED = 1 + 1e-9
_NOTHING = "-"


def main() -> None:
    """Run the policies, and print a table, or lines of JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--worlds", type=int, default=1000, help="how many worlds (default: %(default)s)")
    parser.add_argument("--policies", type=int, default=4, help="policies in each (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="the first world's seed (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="lines of JSON")
    options = parser.parse_args()
    for name in track(RECORDED, "recorded runs", console=Console(stderr=True), transient=True):
        if wrong := case_is_better(name):
            sys.exit(f"recorded run {name}: {'; '.join(wrong)}")
    missed: dict[Metric, list[float]] = defaultdict(list)
    runs = failed = 0
    seeds = range(options.first, options.first + options.worlds)
    for seed in track(seeds, "worlds", console=Console(stderr=True), transient=True):
        for gaps in _runs(seed, options.policies):
            runs += 1
            failed += gaps is None
            for metric, gap in (gaps or {}).items():
                missed[metric].append(gap)
    rows = [_row(metric, missed[metric]) for metric in Metric]
    if options.json:
        for row in rows:
            Console().out(json.dumps(row))
        return
    table = Table("metric", "runs scored", "at the bound", "median missed by", box=None)
    for row in rows:
        table.add_row(*(_NOTHING if cell is None else str(cell) for cell in row.values()))
    Console().print(table)
    Console().out(
        f"{runs} runs of {options.worlds} worlds, {failed} of them failures: none is better than its bound"
    )


def _runs(seed: int, policies: int) -> Iterator[dict[Metric, float] | None]:
    """By how many times each run in a world misses its bounds; None for one that fails. Exits if one is better."""
    random = Random(seed)
    cluster, trace = world(random)
    schedule = trace.schedule(cluster.ticks_per_second, cluster.max_ticks)
    best, yardstick = bounds(schedule, cluster), Yardstick(schedule, cluster)
    for _ in range(policies):
        result = fares(wild(trace, random, cluster.cpus_per_pool), trace, cluster)
        wrong = better(result, best, schedule, cluster)
        if wrong:
            sys.exit(f"world {seed}: {'; '.join(wrong)}")
        if not isinstance(result, SimulatorStats):
            yield None
            continue
        values = {metric: score(metric, result, yardstick) for metric in Metric}
        gaps = {metric: metric.gap(value, best.of(metric)) for metric, value in values.items()}
        yield {metric: gap for metric, gap in gaps.items() if gap is not None and math.isfinite(gap)}


def _row(metric: Metric, gaps: list[float]) -> dict[str, str | int | float | None]:
    return {
        "metric": metric.value,
        "scored": len(gaps),
        "reached": sum(gap <= _REACHED for gap in gaps),
        "median": round(statistics.median(gaps), 2) if gaps else None,
    }


if __name__ == "__main__":
    main()
