"""A run of twenty generations whose model writes ever better policies: the search takes each step, and can be retold."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path
from typing import Any

import evo
from evo.consulting import Calling
from evo.evolution import Event
from evo.records import Generation
from evo.shipped import policy_file, read_policy
from tests.consulted import answers, asking
from tests.llm.server import Say, Server
from tests.test_replaying import outcome as replayed

FIRST, STEP = 42, 2
GENERATIONS, CHILDREN = 20, 1


def idle(calls: int) -> str:
    """The stock policy naive, which is the better the fewer calls it lets pass before it begins to work."""
    source = read_policy(policy_file("naive"))
    source = source.replace("    s.waiting = []\n", "    s.waiting = []\n    s.calls = 0\n")
    quiet = "    if not results and not pipelines:\n        return [], []\n"
    assert quiet in source
    idling = f"    if s.calls <= {calls}:\n        s.waiting.extend(pipelines)\n        return [], []\n"
    return source.replace(quiet, f"    s.calls += 1\n{idling}")


def canned(number: int, body: dict[str, Any]) -> Say:
    """Each answer a better policy than the one before."""
    return Say(f"Begin sooner.\n\n```python\n{idle(FIRST - STEP * (number + 1))}```\n")


def contents(root: Path) -> dict[str, bytes]:
    """Every file under a folder by its path."""
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def generations(events: list[Event]) -> list[Generation]:
    """Those events that complete a generation."""
    return [event for event in events if isinstance(event, Generation)]


def test_ever_better_policies(tiny: Path, tmp_path: Path) -> None:
    """Every generation's best is what the model wrote last, better each time; told again, the run is the same bytes."""
    first = tmp_path / "first.py"
    first.write_text(idle(FIRST))
    with Server(canned) as server:
        config = asking(
            server.v1,
            tiny,
            init=(str(first),),
            population=2,
            generations=GENERATIONS,
            children=CHILDREN,
            tournament=2,
        )
        calling = Calling(in_flight=1)
        events = list(evo.evolve(config, name="mine", root=tmp_path / "runs", workers=1, calling=calling))
    found = generations(events)
    best = [generation.best for generation in found if generation.best is not None]
    values = [one.fitness.value for one in best if one.fitness is not None]
    assert len(values) == 1 + GENERATIONS
    assert all(later < earlier for earlier, later in itertools.pairwise(values))
    last = answers(tmp_path / "runs")[-1]
    assert best[-1].policy.source == idle(FIRST - STEP * len(server.requests))
    assert best[-1].lineage.questions == (last.question,)
    assert len(server.requests) == 1 + GENERATIONS * CHILDREN
    again: list[Event] = []
    result = replayed(tmp_path / "runs", again)
    assert (result.difference, result.answers) == (None, len(server.requests))
    assert generations(again) == found
    bare = tmp_path / "bare"
    shutil.copytree(tmp_path / "runs", bare)
    journal = bare / "mine" / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().partition(b"\n")[0] + b"\n")
    shutil.rmtree(bare / "mine" / "policies")
    (bare / "mine" / "policies").mkdir()
    shutil.copy(tmp_path / "runs" / "mine" / "policies" / "0.py", bare / "mine" / "policies")
    list(evo.resume("mine", root=bare, workers=1, calling=Calling(allowed=False)))
    assert contents(bare) == contents(tmp_path / "runs")
