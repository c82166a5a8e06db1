"""The end of a run: its hall of fame is scored once more, elsewhere; that survives every interruption, and breeds nothing.

As in `test_evolution` the policies are numbers, except where real parts are put to the test.
"""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import evo
from evo.breeding import Offline
from evo.config import RunConfig
from evo.evaluation.stages import Candidate, Verdict
from evo.evolution import Event, Tried
from evo.evolution import evolve as evolve_with
from evo.fame import hall_of_fame
from evo.journal import Journal, read_run
from evo.metric import Metric
from evo.population import Failure, FailureKind, Fitness, Reached, TraceScore
from evo.records import Generation
from evo.replaying import Replayed
from tests.consulted import Neighbour, asking
from tests.llm.server import Server
from tests.test_evolution import TWO, VARIATIONS, Distance, begin, contents
from tests.test_replaying import outcome as replayed

CONFIG = RunConfig(seed=3, generations=4, population=5, children=6, tournament=2, hall_of_fame=4)


class Elsewhere:
    """Scores a number by its distance from another best than `Distance` has; one of them takes too long."""

    def __init__(self, best: float = 6.0, *, twofold: bool = False) -> None:
        self.asked: list[float] = []
        self.best = best
        self.twofold = twofold

    def stream(self, candidates: Iterable[Candidate | None]) -> Iterator[Verdict | None]:
        """The outcome of each policy, in their order, and never at once."""
        for candidate in candidates:
            assert candidate is not None
            assert candidate.demand is None
            value = float(candidate.policy.source.removeprefix("x = "))
            self.asked.append(value)
            yield None
            away = abs(value - self.best)
            size = (value,) if self.twofold else ()
            beside = tuple(Reached(Metric.THROUGHPUT, each) for each in size)
            score = TraceScore("u", away, (1, 1), (2, 3), (0, 0), beside=size)
            slow = Failure(FailureKind.TIMEOUT, "too long", trace="u", repeats=False)
            yield slow if value == 7.0 else Fitness(Metric.LATENCY, away, (score,), beside)


def evolve(journal: Journal, selector: Elsewhere | None = None) -> Generator[Event, None, None]:
    """The search for ten, and at its end what comes of the best elsewhere."""
    twofold = len(journal.config.metrics) > 1
    scorer, breeder = Distance(twofold=twofold), Offline(journal.config, VARIATIONS)
    return evolve_with(journal, scorer, breeder, selector=selector or Elsewhere(twofold=twofold))


def ended(root: Path, config: RunConfig = CONFIG, selector: Elsewhere | None = None) -> list[Event]:
    """All events of a whole new run."""
    with begin(root, config) as journal:
        return list(evolve(journal, selector))


def records(root: Path, *, without: str = "") -> list[str]:
    """The lines of a journal but for those records."""
    lines = (root / "run" / "journal.jsonl").read_text().splitlines()
    return [line for line in lines if json.loads(line)["record"] != without]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an uninterrupted run."""
    root = tmp_path_factory.mktemp("whole")
    ended(root)
    return root


def test_the_best_by_fitness_are_ordered_by_selection(tmp_path: Path) -> None:
    """When nobody else is born, the hall of fame and the best founder are scored; then the run has ended."""
    selector = Elsewhere()
    events = ended(tmp_path, selector=selector)
    run = read_run(tmp_path, "run")
    members = hall_of_fame(run.individuals, 4)
    tried = [event for event in events if isinstance(event, Tried)]
    assert events[-len(tried) :] == tried
    assert [event.individual for event in tried] == [*members, run.individuals[2]]
    assert [event.left for event in tried] == [4, 3, 2, 1, 0]
    assert [run.selections[event.individual.number] for event in tried] == [each.outcome for each in tried]
    assert (len(run.selections), run.stop) == (5, "generations")
    (last,) = [event for event in events if isinstance(event, Generation) and event.stop is not None]
    assert last == run.generations[-1]
    hall = run.hall_of_fame()
    assert sorted(hall, key=lambda one: one.number) == sorted(members, key=lambda one: one.number)
    values = [run.selections[one.number] for one in hall]
    reached = [each.value for each in values if isinstance(each, Fitness)]
    assert reached == sorted(reached)
    assert [isinstance(each, Failure) for each in values] == [False, False, False, True]
    assert hall != members
    assert run.individual("best") is hall[0] is run.hall_of_fame(1)[0]
    assert len(run.hall_of_fame(6)) == 6


def test_what_came_of_them_breeds_nobody(tmp_path: Path) -> None:
    """Whatever the selection traces say, also before more generations, the same children are born of the same parents."""
    for name, best in (("one", 6.0), ("other", 50.0)):
        ended(tmp_path / name, selector=Elsewhere(best))
        with Journal.open(tmp_path / name, "run") as journal:
            journal.extend(3)
            list(evolve(journal, Elsewhere(best)))
    one, other = (records(tmp_path / name, without="selected") for name in ("one", "other"))
    assert one == other
    first, second = (read_run(tmp_path / name, "run") for name in ("one", "other"))
    assert first.selections.keys() == second.selections.keys()
    assert first.hall_of_fame() != second.hall_of_fame()


def test_a_run_without_selection_traces_ends_as_ever(tmp_path: Path, whole: Path) -> None:
    """Nothing is scored where there is nothing to score on, and the hall of fame stands by fitness."""
    with begin(tmp_path, CONFIG) as journal:
        list(evolve_with(journal, Distance(), Offline(CONFIG, VARIATIONS)))
    run = read_run(tmp_path, "run")
    assert not run.selections
    assert run.hall_of_fame() == hall_of_fame(run.individuals, 4)
    assert records(tmp_path) == records(whole, without="selected")


@settings(max_examples=40)
@given(data=st.data())
def test_any_prefix_can_be_gone_on_with(
    data: st.DataObject, whole: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Cut a journal at any byte from the last generation on: resumed, the run has the bytes of the uninterrupted one."""
    complete = (whole / "run" / "journal.jsonl").read_bytes()
    cut = data.draw(st.integers(complete.rindex(b'{"record":"generation"'), len(complete)), label="cut")
    root = tmp_path_factory.mktemp("cut")
    shutil.copytree(whole, root, dirs_exist_ok=True)
    (root / "run" / "journal.jsonl").write_bytes(complete[:cut])
    half, selector = read_run(root, "run"), Elsewhere()
    with Journal.open(root, "run") as journal:
        list(evolve(journal, selector))
    assert contents(root) == contents(whole)
    assert len(selector.asked) == len(read_run(whole, "run").selections) - len(half.selections)
    shutil.rmtree(root)


def test_leaving_at_any_event_loses_nothing(tmp_path: Path, whole: Path) -> None:
    """Taking two events at a time comes to the same end."""
    begin(tmp_path, CONFIG).close()
    while read_run(tmp_path, "run").stop is None:
        with Journal.open(tmp_path, "run") as journal, closing(evolve(journal)) as search:
            list(itertools.islice(search, 2))
    assert contents(tmp_path) == contents(whole)


def test_at_the_next_end_only_new_members_are_scored(tmp_path: Path) -> None:
    """More generations bring new members; whoever was scored isn't again."""
    ended(tmp_path)
    first = read_run(tmp_path, "run").selections
    selector = Elsewhere()
    with Journal.open(tmp_path, "run") as journal:
        journal.extend(6)
        list(evolve(journal, selector))
    run = read_run(tmp_path, "run")
    assert len(run.selections) == len(first) + len(selector.asked) > len(first)
    assert {one.number for one in run.hall_of_fame()} <= set(run.selections)
    assert sum('"record":"end"' in line for line in records(tmp_path)) == 2


def test_where_the_reference_fails_the_next_is_taken(tmp_path: Path) -> None:
    """The best founder fails on the selection traces, so the second best is scored there as well, after all others."""
    with begin(tmp_path, CONFIG, first=(1.0, 7.0, 6.5, 3.0)) as journal:
        events = list(evolve(journal))
    numbers = [event.individual.number for event in events if isinstance(event, Tried)]
    run = read_run(tmp_path, "run")
    assert numbers[-1] == 2
    assert isinstance(run.selections[1], Failure)
    assert isinstance(run.selections[2], Fitness)


def test_of_several_metrics_the_front_is_scored(tmp_path: Path) -> None:
    """No more of it than the hall of fame holds; the first metric decides the order, then the next."""
    with begin(tmp_path, msgspec.structs.replace(TWO, hall_of_fame=3), first=(8.0, 9.0)) as journal:
        list(evolve(journal))
    run = read_run(tmp_path, "run")
    hall = run.hall_of_fame()
    assert len(hall) == 3
    assert {one.number for one in hall} <= set(run.selections)
    costs = [each.costs for one in hall if isinstance(each := run.selections[one.number], Fitness)]
    assert costs == sorted(costs)
    assert {len(each) for each in costs} == {2}


@pytest.mark.parametrize(
    "line",
    [
        b'{"record":"selected","number":99,"failure":{"kind":"timeout","message":"m"}}\n',
        b'{"record":"selected","number":0}\n',
    ],
)
def test_a_selection_of_nobody_is_damage(tmp_path: Path, whole: Path, line: bytes) -> None:
    """A record of who isn't there, or without an outcome, is named; so is one of somebody who has one."""
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "run" / "journal.jsonl"
    saved = path.read_bytes().splitlines(keepends=True)
    for wrong in (line, saved[-2]):
        path.write_bytes(b"".join([*saved[:-1], wrong]))
        with pytest.raises(
            evo.errors.RunError, match=rf"line {len(saved)} is damaged: .* is unknown, or has not"
        ):
            read_run(tmp_path, "run")


@pytest.fixture(scope="module")
def parted(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny suite with a selection trace, and a test trace on which no policy may ever run."""
    folder = tmp_path_factory.mktemp("parted")
    shutil.copytree(tiny.parent, folder, dirs_exist_ok=True)
    entry = "seed = {}\nname = '{}'\nwaiting_seconds_mean = 3.0\nnum_pipelines = 2\nnum_operators = 2\n"
    more = f"[[selection]]\n{entry.format(7, 'elsewhere')}[[test]]\n{entry.format(8, 'sealed')}"
    path = folder / tiny.name
    path.write_text(path.read_text() + more)
    return path


def small(suite: Path) -> RunConfig:
    """A run of a few seconds."""
    return RunConfig(
        suite=str(suite),
        seed=2,
        generations=1,
        population=4,
        children=4,
        init=("naive", "overbook"),
        hall_of_fame=3,
    )


@pytest.fixture(scope="module")
def real(parted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of saved runs with one that has real parts."""
    root = tmp_path_factory.mktemp("real")
    for _ in evo.evolve(small(parted), name="mine", root=root, workers=1):
        pass
    return root


def test_with_real_parts(real: Path, parted: Path, tmp_path: Path) -> None:
    """Two workers, and an interruption in the middle of the finals, give the same bytes; no policy runs on a test trace."""
    with closing(evo.evolve(small(parted), name="mine", root=tmp_path, workers=2)) as events:
        for event in events:
            if isinstance(event, Tried):
                break
    half = evo.load_run("mine", root=tmp_path)
    assert (len(half.selections), half.stop) == (1, None)
    assert replayed(tmp_path).difference is None
    list(evo.resume("mine", root=tmp_path, workers=1))
    assert contents(tmp_path) == contents(real)
    run = evo.load_run("mine", root=real)
    scored = [each for each in run.selections.values() if isinstance(each, Fitness)]
    assert {score.trace for each in scored for score in each.per_trace} == {"elsewhere"}
    assert "sealed" not in (real / "mine" / "journal.jsonl").read_text()
    assert replayed(real) == Replayed(len(run.individuals), answers=0, given=0, unused=0)


def test_more_after_an_interruption_in_the_finals(parted: Path, real: Path, tmp_path: Path) -> None:
    """Asked for more in the middle of them, a run finishes them first, as if it had never been interrupted."""
    for name in ("straight", "broken"):
        shutil.copytree(real, tmp_path / name)
    path = tmp_path / "broken" / "mine" / "journal.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    kinds = [json.loads(line)["record"] for line in lines]
    path.write_text("".join(lines[: kinds.index("selected") + 1]))
    for name in ("straight", "broken"):
        list(evo.resume("mine", more=1, root=tmp_path / name, workers=1))
    assert contents(tmp_path / "straight") == contents(tmp_path / "broken")
    assert replayed(tmp_path / "broken").difference is None


def test_a_mood_of_the_machine_is_given_to_a_replay(real: Path, tmp_path: Path) -> None:
    """Whoever took too many seconds on a selection trace may not again, so that is taken from the record."""
    shutil.copytree(real, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "mine" / "journal.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    place = [json.loads(line)["record"] for line in lines].index("selected")
    number = json.loads(lines[place])["number"]
    failure = '{"kind":"timeout","message":"60 s","trace":"elsewhere","repeats":false}'
    lines[place] = f'{{"record":"selected","number":{number},"failure":{failure}}}\n'
    path.write_text("".join(lines[: place + 1]))
    run = evo.load_run("mine", root=tmp_path)
    assert replayed(tmp_path) == Replayed(len(run.individuals), answers=0, given=1, unused=0)


def test_models_are_told_nothing_of_it(tiny: Path, parted: Path, tmp_path: Path) -> None:
    """With selection traces or without, before and after an end, a model is asked the same, and nothing of these traces."""
    asked = []
    for suite in (tiny, parted):
        with Server(Neighbour()) as server:
            root = tmp_path / suite.parent.name
            config = asking(server.v1, suite, generations=1, children=3)
            for _ in evo.evolve(config, name="mine", root=root, workers=1):
                pass
            for _ in evo.resume("mine", more=1, root=root, workers=1):
                pass
            asked.append(sorted(json.dumps(request.body["messages"]) for request in server.requests))
    assert evo.load_run("mine", root=tmp_path / parted.parent.name).selections
    assert len(asked[0]) >= 6
    assert asked[0] == asked[1]
    assert not any(word in question for question in asked[1] for word in ("elsewhere", "sealed"))
