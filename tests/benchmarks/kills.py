"""What SIGKILL costs while models are asked: nothing but the answers that were on their way.

    python tests/benchmarks/kills.py [--kills N] [--suite S.toml]

For both settings of `overlap` a run with eight calls in flight and two workers is killed again and again at a random
moment of its calls, and gone on with. In the end its folder must be that of the same run uninterrupted, to the byte,
and no question may have been asked whose answer had been saved before. Exits with 1 otherwise.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from evo.answers import Answers, digest_of
from evo.llm import Prompt
from tests.consulted import Neighbour, asking
from tests.llm.server import Request, Server


@dataclass(frozen=True)
class Row:
    """What came of a run that was killed again and again."""

    overlap: int
    kills: int
    calls: int
    """Of the uninterrupted run."""
    lost: int
    """Calls that were asked once more, since a kill came before their answers were saved."""
    saved: tuple[int, ...]
    """How many answers there were after each kill."""
    again: int
    """Calls that were asked once more although their answers had been saved."""
    different: tuple[str, ...]
    """Files that aren't those of the uninterrupted run."""


def main() -> None:
    """Kill, and print a table."""
    parser = argparse.ArgumentParser(description="What SIGKILL costs while models are asked.")
    parser.add_argument("--kills", type=int, default=10, help="for each setting of overlap")
    parser.add_argument("--suite", default="quick", help="the traces to be scored on")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = [measured(overlap, options.kills, Path(folder), options.suite) for overlap in (0, 1)]
    show(rows)
    sys.exit(any(row.again or row.different for row in rows))


def measured(overlap: int, kills: int, folder: Path, suite: str) -> Row:
    """What comes of a run with that overlap which is killed so many times."""
    root, config = folder / str(overlap), folder / f"{overlap}.toml"
    rng = np.random.default_rng(overlap)
    saved: list[Counter[str]] = []
    asked: list[Counter[str]] = []
    with Server(Neighbour(nonsense=0.2, delay=0.4)) as server:
        settings = asking(server.v1, Path(suite), generations=8, children=16, population=8, overlap=overlap)
        config.write_text(settings.to_toml(), encoding="utf-8")
        session(root / "whole", config).wait()
        calls = len(server.requests)
        for _ in range(kills):
            begun = len(server.requests)
            process = session(root / "killed", config)
            while len(server.requests) == begun and process.poll() is None:
                time.sleep(0.01)
            time.sleep(float(rng.uniform(0.0, 3.0)))
            process.kill()
            process.wait()
            saved.append(Counter(one.question for one in Answers(root / "killed" / "mine").all()))
            asked.append(questions(server.requests[begun:], settings.models[0]))
        begun = len(server.requests)
        session(root / "killed", config).wait()
        asked.append(questions(server.requests[begun:], settings.models[0]))
        total = len(server.requests)
    known = Counter(one.question for one in Answers(root / "whole" / "mine").all())
    again = sum(
        max(0, count - (known[question] - before[question]))
        for before, session_ in zip(saved, asked[1:], strict=True)
        for question, count in session_.items()
    )
    whole, killed = contents(root / "whole"), contents(root / "killed")
    different = [name for name in whole.keys() | killed.keys() if whole.get(name) != killed.get(name)]
    counts = tuple(each.total() for each in saved)
    return Row(overlap, kills, calls, total - 2 * calls, counts, again, tuple(sorted(different)))


def session(root: Path, config: Path) -> subprocess.Popen[bytes]:
    """A process that begins the run, or goes on with it."""
    what = ["resume", "mine"] if (root / "mine").exists() else ["run", "--config", str(config), "-n", "mine"]
    manner = ["--in-flight", "8", "--workers", "2", "--populations", str(root)]
    return subprocess.Popen(
        [sys.executable, "-m", "evo", *what, *manner],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def questions(requests: Sequence[Request], model: str) -> Counter[str]:
    """The digests of what was asked, as the run knows them."""
    said = [[str(turn["content"]) for turn in request.body["messages"]] for request in requests]
    return Counter(digest_of(model, Prompt(first, tuple(turns))) for first, *turns in said)


def contents(root: Path) -> dict[str, bytes]:
    """Every file under a folder by its path."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def show(rows: Sequence[Row]) -> None:
    """Print the table."""
    table = Table("overlap", "kills", "calls", "lost", "asked though saved", "different files", "saved after")
    for row in rows:
        cells = (row.overlap, row.kills, row.calls, row.lost, row.again, len(row.different), row.saved)
        table.add_row(*map(str, cells))
    Console().print(table)


if __name__ == "__main__":
    main()
