"""A saved run comes out the same once more, from its own folder alone; where it doesn't, the place is named."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

import evo
from evo.cli.bar import followed
from evo.config import RunConfig
from evo.errors import RunError
from evo.evolution import Event
from evo.metric import Metric
from evo.records import Generation
from evo.replaying import Replayed, replay
from tests.consulted import Neighbour, asking
from tests.llm.server import Server

JOURNAL = "journal.jsonl"


def contents(root: Path) -> dict[str, bytes]:
    """Every file under a folder by its path."""
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def small_run(tiny: Path, root: Path) -> Path:
    """A folder of saved runs, in which there is now one that asked nobody."""
    config = RunConfig(
        metric=Metric.LATENCY,
        suite=str(tiny),
        seed=2,
        generations=1,
        population=4,
        children=4,
        init=("naive", "overbook"),
    )
    for _ in evo.evolve(config, name="mine", root=root, workers=1):
        pass
    return root


def outcome(root: Path, events: list[Event] | None = None) -> Replayed:
    """What a replay of "mine" comes to; what happens on the way is added to the events."""
    told = list[Event]() if events is None else events
    return followed(replay(root, "mine", workers=1), told.append)


@pytest.fixture(scope="module")
def offline(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of saved runs with one that asked nobody."""
    return small_run(tiny, tmp_path_factory.mktemp("offline"))


@pytest.fixture(scope="module")
def asked(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that a model wrote, with a budget that ended it early and a larger one, two interruptions, one generation more.

    The model's server is gone.
    """
    root = tmp_path_factory.mktemp("asked")
    with Server(Neighbour(nonsense=0.3)) as server:
        config = asking(server.v1, tiny, generations=1, children=4, overlap=1, budget=0.75)
        for _ in evo.evolve(config, name="mine", root=root, workers=1):
            pass
        assert evo.load_run("mine", root=root).stop == "budget"
        with closing(evo.resume("mine", budget=20, root=root, workers=1)) as events:
            list(itertools.islice(events, 2))
        for _ in evo.resume("mine", more=2, root=root, workers=1):
            pass
    return root


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[Path], Path]:
    """Copy saved runs, so that they can be spoilt."""

    def copy(root: Path) -> Path:
        shutil.copytree(root, tmp_path / "runs")
        return tmp_path / "runs"

    return copy


def cut(root: Path, lines: int, end: str = "") -> None:
    """Leave so many lines of a journal, and a torn one if there is an `end`."""
    path = root / "mine" / JOURNAL
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:lines]) + end)


def edit(root: Path, line: int, old: str, new: str) -> None:
    """Change a text in a line of a journal."""
    path = root / "mine" / JOURNAL
    lines = path.read_text().splitlines(keepends=True)
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    path.write_text("".join(lines))


def test_a_run_that_asked_nobody(offline: Path) -> None:
    """It comes out the same, the events of a search are told on the way, and the original isn't touched."""
    before, events = contents(offline), list[Event]()
    individuals = evo.load_run("mine", root=offline).individuals
    assert outcome(offline, events) == Replayed(len(individuals), answers=0, given=0, unused=0)
    assert [event.number for event in events if isinstance(event, Generation)] == [0, 1]
    assert contents(offline) == before


def test_a_run_that_a_model_wrote(asked: Path) -> None:
    """Without its server it comes out the same, through all that the user asked for on the way."""
    run = evo.load_run("mine", root=asked)
    journal = (asked / "mine" / JOURNAL).read_text()
    assert journal.count('"record":"extended"') == 2
    assert '"broke":true' in journal
    assert '"purpose":"repair"' in "".join(path.read_text() for path in asked.glob("*/answers/*"))
    replayed = outcome(asked)
    assert replayed == Replayed(len(run.individuals), replayed.answers, given=0, unused=0)
    assert replayed.answers == len(list(asked.glob("*/answers/*"))) > 4


def test_a_run_that_is_not_finished(asked: Path, copied: Callable[[Path], Path]) -> None:
    """It is replayed up to its last whole record; answers that came for later children are there, but not needed."""
    root = copied(asked)
    births = [
        number
        for number, line in enumerate((root / "mine" / JOURNAL).read_text().splitlines(), start=1)
        if '"record":"individual"' in line
    ]
    cut(root, births[4], end='{"record":"indiv')
    assert evo.load_run("mine", root=root).stop is None
    replayed = outcome(root)
    assert (replayed.individuals, replayed.difference) == (5, None)
    assert replayed.unused > 0


def test_an_answer_that_is_missing_or_not_what_it_was(asked: Path, copied: Callable[[Path], Path]) -> None:
    """Nobody is asked in its stead; another text in it makes another child, and that is where the replay differs."""
    root = copied(asked)
    born = next(one for one in evo.load_run("mine", root=root).individuals if one.lineage.questions)
    path = next((root / "mine" / "answers").glob(f"{born.number:05}-{len(born.lineage.questions) - 1}-*"))
    saved = path.read_text()
    path.unlink()
    with pytest.raises(RunError, match=f"for child {born.number}"):
        outcome(root)
    path.write_text(saved.replace("```python", "```python\\nEXTRA = 1", 1))
    difference = outcome(root).difference
    assert difference is not None
    assert difference.file == JOURNAL
    line = (root / "mine" / JOURNAL).read_text().splitlines()[difference.line - 1]
    assert f'"number":{born.number}' in line


def test_a_record_that_is_not_what_it_was(offline: Path, copied: Callable[[Path], Path]) -> None:
    """The first line that differs is named, with what stands there and what should; one too few or many as well."""
    root = copied(offline)
    edit(root, 2, '"value":', '"value":1')
    difference = outcome(root).difference
    assert difference is not None
    assert (difference.file, difference.line) == (JOURNAL, 2)
    assert '"value":1' in difference.saved
    assert difference.saved != difference.now
    shutil.copy(offline / "mine" / JOURNAL, root / "mine" / JOURNAL)
    lines = (root / "mine" / JOURNAL).read_text().splitlines()
    edit(root, len(lines), "generations", "patience")
    difference = outcome(root).difference
    assert difference is not None
    assert (difference.line, difference.now[-14:]) == (len(lines), '"generations"}')


def test_failures_of_the_machine_are_given(offline: Path, copied: Callable[[Path], Path]) -> None:
    """Whoever took too many seconds once may not again: that is taken from the record, and told."""
    root = copied(offline)
    cut(root, 2)
    path = root / "mine" / JOURNAL
    head, _, _ = path.read_text().rpartition(',"fitness":')
    path.write_text(head + ',"failure":{"kind":"timeout","message":"60 s","trace":"own","repeats":false}}\n')
    assert outcome(root) == Replayed(individuals=1, answers=0, given=1, unused=0)


def test_another_simulator(offline: Path, copied: Callable[[Path], Path]) -> None:
    """What another simulator scored can't come out the same; it is said how its policies can be scored here."""
    root = copied(offline)
    edit(root, 1, '"simulator":"', '"simulator":"0.')
    with pytest.raises(RunError, match=r"evo replay mine --suite .*suite\.toml"):
        outcome(root)
    with pytest.raises(RunError, match="no run 'yours'"):
        next(replay(root, "yours"))


def test_children_that_did_nothing_new_are_the_same_again(tiny: Path, tmp_path: Path) -> None:
    """Nobody is born of an answer that does what is known; it was paid for, and a replay finds it so again."""
    with Server(Neighbour()) as server:
        for _ in evo.evolve(asking(server.v1, tiny, novelty=True), name="mine", root=tmp_path, workers=2):
            pass
    run = evo.load_run("mine", root=tmp_path)
    echoes = sum(generation.echoes for generation in run.generations)
    assert echoes > 0
    assert len(run.individuals) + echoes <= 5 + 2 * 6
    replayed = outcome(tmp_path)
    assert (replayed.individuals, replayed.difference) == (len(run.individuals), None)
    assert (replayed.answers, replayed.unused) == (len(server.requests), 0)
