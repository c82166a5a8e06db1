"""evo beside its peers: the same start, the same proposals, the same number of evaluations, on two landscapes.

    python tests/benchmarks/peers.py [--seeds 3] [--evaluations 25 50 100] [--landscape smooth|deceptive] [--only WORD]
        [--evo KEY=VALUE,...]... [--openevolve PYTHON] [--shinka PYTHON] [--json]

Every search asks one loopback model that proposes neighbours of the program it is shown (`standin.py`), for programs whose
settings are known (`landscapes.py`). Each row tells the median of the best so far over seeds, the share of calls that showed
the best so far as the program to be improved, calls, and seconds. What evo knows already, by its text or by what it does on
the first trace, costs it a call and is no evaluation: so look at the calls as well. `--evo` adds a row of evo with other
settings. Peers run if they are given: each is installed in a virtual environment of its own (`pip install
openevolve==0.3.2`, `pip install shinka-evolve==0.0.7`), whose `python` is named.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import msgspec
from rich.console import Console
from rich.table import Table

from evo.config import RunConfig
from tests.benchmarks import engines
from tests.benchmarks.engines import Synthetic, Tally, Task
from tests.benchmarks.landscapes import suite

LANDSCAPES = ("smooth", "deceptive")
Engine = Callable[[Task, Tally], None]


@dataclass(frozen=True)
class Run:
    """One search with one seed: its best after so many evaluations (None: nothing worked), and what it took."""

    landscape: str
    engine: str
    seed: int
    best: dict[int, float | None]
    calls: int
    best_shown: float
    """The share of calls that showed the best so far."""
    seconds: float


def main() -> None:
    """Run the searches, and print tables, or lines of JSON."""
    options = _options()
    rows = {name: engine for name, engine in _engines(options).items() if options.only in name}
    landscapes = [options.landscape] if options.landscape else LANDSCAPES
    runs = []
    for landscape, (name, engine), seed in product(landscapes, rows.items(), range(1, options.seeds + 1)):
        runs.append(measured(landscape, name, engine, seed, options.evaluations))
        if options.json:
            Console().out(json.dumps(asdict(runs[-1])), highlight=False)
    if options.json:
        return
    for landscape in landscapes:
        Console(width=132).print(_table(landscape, [run for run in runs if run.landscape == landscape]))


def measured(landscape: str, name: str, engine: Engine, seed: int, evaluations: list[int]) -> Run:
    """One search with one seed."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "suite.toml"
        path.write_text(suite(), encoding="utf-8")
        begun = time.monotonic()
        engine(Task(path, max(evaluations), seed, Synthetic() if landscape == "deceptive" else None), tally)
        seconds = time.monotonic() - begun
    best = {count: tally.best(count) for count in evaluations}
    return Run(landscape, name, seed, best, tally.calls, tally.best_shown / tally.calls, seconds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="evo beside its peers.")
    parser.add_argument("--seeds", type=int, default=3, help="runs of each search")
    parser.add_argument("--evaluations", type=int, nargs="+", default=[25, 50, 100], help="when to look")
    parser.add_argument("--landscape", choices=LANDSCAPES, help="only this one")
    parser.add_argument("--only", default="", help="only searches with this in their name")
    parser.add_argument(
        "--evo", action="append", default=[], metavar="KEY=VALUE,...", help="a row with settings"
    )
    parser.add_argument("--openevolve", metavar="PYTHON", help="where OpenEvolve is installed")
    parser.add_argument("--shinka", metavar="PYTHON", help="where ShinkaEvolve is installed")
    parser.add_argument("--json", action="store_true", help="a line for each run, as it ends")
    return parser.parse_args()


def _engines(options: argparse.Namespace) -> dict[str, Engine]:
    """All rows, in order."""
    rows: dict[str, Engine] = {
        "hill climb": engines.hill_climb,
        "best of N": partial(engines.evo_run, strategy="independent"),
        "one chat": partial(engines.evo_run, strategy="chat"),
        "evo": engines.evo_run,
        "evo, half offline": partial(engines.evo_run, model_share=RunConfig().model_share),
    }
    for given in options.evo:
        rows[f"evo, {given}"] = partial(engines.evo_run, **_settings(given))
    if options.openevolve:
        rows["OpenEvolve"] = partial(engines.openevolve, python=str(Path(options.openevolve).absolute()))
    if options.shinka:
        rows["ShinkaEvolve"] = partial(engines.shinka, python=str(Path(options.shinka).absolute()))
    return rows


def _settings(given: str) -> dict[str, Any]:
    """Settings of a run, as they are given: their types are RunConfig's."""
    pairs = [pair.split("=", 1) for pair in given.split(",")]
    config = msgspec.convert(dict(pairs), RunConfig, strict=False)
    return {key: getattr(config, key) for key, _ in pairs}


def _table(landscape: str, runs: list[Run]) -> Table:
    counts = list(runs[0].best)
    table = Table(f"{landscape}: best after", *map(str, counts), "best shown", "calls", "s")
    for name in dict.fromkeys(run.engine for run in runs):
        mine = [run for run in runs if run.engine == name]
        best = [[run.best[count] for run in mine] for count in counts]
        cells = [_spread([float("inf") if one is None else one for one in values]) for values in best]
        shown = statistics.median(run.best_shown for run in mine)
        calls, seconds = (
            statistics.median(getattr(run, key) for run in mine) for key in ("calls", "seconds")
        )
        table.add_row(name, *cells, f"{shown:.0%}", f"{calls:.0f}", f"{seconds:.0f}")
    return table


def _spread(values: list[float]) -> str:
    """The median, and the least and the most."""
    return f"{statistics.median(values):.1f} ({min(values):.1f}-{max(values):.1f})"


if __name__ == "__main__":
    main()
