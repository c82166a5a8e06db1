"""Children ahead of their time: whatever comes late, and in whatever order, the run is the same."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from evo.breeding import Birth, Child, Offline
from evo.config import RunConfig
from evo.evaluation.metrics import Measurement
from evo.evaluation.stages import Candidate, Stages, Verdict
from evo.evaluation.trial import Trial
from evo.evolution import evolve
from evo.journal import Journal, read_run
from evo.metric import Metric
from evo.population import Failure, FailureKind, Individual, Partial
from evo.records import Generation, Skipped
from tests.test_evolution import VARIATIONS, Distance, begin, contents

CONFIGS = {
    overlap: RunConfig(seed=5, generations=4, population=5, children=6, tournament=2, overlap=overlap)
    for overlap in (0, 1)
}
FEW = {
    overlap: RunConfig(seed=5, generations=99, evaluations=20, population=5, children=6, overlap=overlap)
    for overlap in (0, 1)
}


class Late:
    """A breeder whose children come when they please: `delays` says how often each is asked for in vain."""

    def __init__(self, config: RunConfig, delays: list[int]) -> None:
        self._offline = Offline(config, VARIATIONS)
        self._delays = delays
        self._left: dict[int, int] = {}
        self.begun: list[int] = []

    def begin(self, birth: Birth) -> bool:
        """Each number is begun once, in order, with the parents that it will have."""
        self.begun.append(birth.number)
        self._left[birth.number] = self._delays[birth.number % len(self._delays)]
        return birth.number % 5 != 4 or not any(
            self._left[number] for number in self._left if number < birth.number
        )

    def child(self, birth: Birth, known: AbstractSet[str]) -> Child | Skipped | None:
        """The child, if it has been asked for often enough."""
        for number in self._left:
            self._left[number] = max(self._left[number] - 1, 0)
        return None if self._left[birth.number] else self._offline.child(birth, known)


class Slow(Distance):
    """A scorer with several policies in hand, whose outcomes come when `delays` says."""

    def __init__(self, delays: list[int]) -> None:
        super().__init__()
        self._delays = delays

    def stream(self, candidates: Iterable[Candidate | None]) -> Iterator[Verdict | None]:
        """The outcome of each policy, in order, after a while."""
        waiting: deque[Verdict | None] = deque()
        left = 0
        for candidate in candidates:
            if candidate is not None:
                waiting.extend(super().stream([candidate]))
            left = max(left - 1, 0)
            while waiting and not left:
                yield waiting.popleft()
                left = self._delays[len(self.asked) % len(self._delays)]
            if candidate is None:
                yield None
        yield from waiting


@pytest.fixture(
    scope="module",
    params=[*CONFIGS.values(), *FEW.values()],
    ids=["barrier", "overlap", "few", "few-overlap"],
)
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[RunConfig, Path]:
    """The folder of a run in which nothing came late."""
    root = tmp_path_factory.mktemp("whole")
    config: RunConfig = request.param
    live(root, config)
    return config, root


def live(root: Path, config: RunConfig) -> list[Generation]:
    """The generations of a whole new run."""
    with begin(root, config) as journal:
        return [
            event
            for event in evolve(journal, Distance(), Offline(config, VARIATIONS))
            if isinstance(event, Generation)
        ]


def scored(root: Path) -> list[int]:
    """How many were scored by the end of each generation."""
    return [generation.evaluations for generation in read_run(root, "run").generations]


delays = st.lists(st.integers(0, 6), min_size=1, max_size=5)


@settings(max_examples=25)
@given(late=delays, slow=delays, ahead=st.integers(1, 12), cut=st.integers(0, 60))
def test_timing_changes_nothing(
    whole: tuple[RunConfig, Path],
    tmp_path_factory: pytest.TempPathFactory,
    late: list[int],
    slow: list[int],
    ahead: int,
    cut: int,
) -> None:
    """Children and scores come late, more or fewer are begun ahead, and the search is left once: the same bytes."""
    config, expected = whole
    root = tmp_path_factory.mktemp("late")
    begin(root, config).close()
    for events in (cut, None):
        with Journal.open(root, "run") as journal:
            breeder = Late(config, late)
            for number, _ in enumerate(evolve(journal, Slow(slow), breeder, ahead)):
                if number == events:
                    break
            assert sorted(set(breeder.begun)) == list(
                range(min(breeder.begun, default=0), max(breeder.begun, default=-1) + 1)
            )
    assert contents(root) == contents(expected)
    shutil.rmtree(root)


def test_with_overlap_parents_lived_a_generation_earlier(tmp_path: Path) -> None:
    """No child descends from the generation just before its own, unless that is the first; some from the one before."""
    found = live(tmp_path, CONFIGS[1])
    for generation in found[1:]:
        place = max(generation.number - 2, 0)
        alive = {one.id for one in found[place].population.individuals}
        assert all(set(one.lineage.parents) <= alive for one in generation.born)


@pytest.mark.parametrize("overlap", [0, 1])
@pytest.mark.parametrize("most", [1, 3, 4, 5, 6, 20, 21, 22, 23, 24, 25, 26])
def test_evaluations_end_a_run_exactly(tmp_path: Path, most: int, overlap: int) -> None:
    """As many are scored as were asked for, three founders at least, and they are the first of a longer run."""
    found = live(tmp_path / "short", replace(FEW[overlap], evaluations=most))
    live(tmp_path / "long", replace(FEW[overlap], evaluations=40))
    short, long = (read_run(tmp_path / name, "run").individuals for name in ("short", "long"))
    assert len(short) == max(most, 3)
    assert short == long[: len(short)]
    assert [generation.stop for generation in found][-1] == "evaluations"
    assert found[-1].evaluations == len(short)
    assert scored(tmp_path / "short")[:-1] == scored(tmp_path / "long")[: len(found) - 1]


def test_nobody_is_begun_who_may_not_be_needed(tmp_path: Path) -> None:
    """What is begun may have to be paid: where all draws are new, no number beyond the last is begun."""
    config = replace(FEW[0], evaluations=14)
    with begin(tmp_path, config) as journal:
        breeder = Late(config, [0])
        list(evolve(journal, Slow([3]), breeder, ahead=50))
        settled = journal.state.next_number
    assert max(breeder.begun) < settled


@pytest.mark.parametrize("more", [1, 3])
def test_a_run_goes_on_after_its_evaluations(tmp_path: Path, more: int) -> None:
    """Asked for more generations, it does those, each of them whole; the short one before stays as it is."""
    config = FEW[0]
    live(tmp_path, config)
    before = scored(tmp_path)
    assert before[-1] == 20
    with Journal.open(tmp_path, "run") as journal:
        journal.extend(more)
        later = [
            event
            for event in evolve(journal, Distance(), Offline(config, VARIATIONS))
            if isinstance(event, Generation)
        ]
    assert [event.stop for event in later] == [None] * (more - 1) + ["generations"]
    assert scored(tmp_path)[: len(before)] == before
    for event in later:
        assert len(event.born) + event.duplicates + event.barren == config.children
        numbers = [one.number for one in event.born]
        assert numbers == sorted(numbers)
    assert later[0].born[0].number > 19
    assert read_run(tmp_path, "run").stop == "generations"


def test_an_end_waits_for_its_generation(tmp_path: Path) -> None:
    """A run that is left just after somebody reached the target ends with that generation, as it would have."""
    config = RunConfig(seed=2, generations=9, population=5, children=6, target=5.0)
    live(tmp_path / "whole", config)
    begin(tmp_path / "broken", config).close()
    while read_run(tmp_path / "broken", "run").stop is None:
        with Journal.open(tmp_path / "broken", "run") as journal:
            next(evolve(journal, Distance(), Offline(config, VARIATIONS)), None)
    assert contents(tmp_path / "broken") == contents(tmp_path / "whole")


class Far(Distance):
    """Scores a number by its distance from ten on four traces, of which the third is the hardest; some numbers fail.

    Nobody is nearer than half of that: so much is proven. Runs no trace that needn't be.
    """

    names = ("a", "b", "c", "d")

    def __init__(self) -> None:
        super().__init__()
        self.ran = 0

    def stream(self, candidates: Iterable[Candidate | None]) -> Iterator[Verdict | None]:
        """The outcome of each policy, in their order."""
        for candidate in candidates:
            yield None if candidate is None else self._outcome(candidate)

    def _outcome(self, candidate: Candidate) -> Verdict:
        mark, stages = candidate.demand, None
        if mark is not None:
            places = tuple(self.names.index(name) for name in mark.order)
            stages = Stages(mark, places, tuple(0.25 * weight for weight in (1, 2, 4, 3)))
        trial = Trial(candidate.policy, Metric.LATENCY, self.names, [None] * 4, stages)
        value = float(candidate.policy.source.removeprefix("x = "))
        while (place := trial.wanted) is not None:
            self.ran += 1
            away = (0.5 + abs(value - 10.0)) * (1, 2, 4, 3)[place]
            fails = place == 2 and int(value * 2) % 7 == 3
            fault = Failure(FailureKind.EXCEPTION, f"{value} is unlucky")
            trial.record(
                place, fault if fails else Measurement({Metric.LATENCY: away}, (1, 1), (2, 3), (0, 0))
            )
        assert trial.outcome is not None
        return trial.outcome


def staged(root: Path, *, stages: bool, seed: int, overlap: int = 0, hall_of_fame: int = 3) -> Far:
    """The scorer of a whole run with or without stages."""
    config = RunConfig(
        seed=seed,
        generations=10,
        population=3,
        children=6,
        tournament=2,
        overlap=overlap,
        stages=stages,
        hall_of_fame=hall_of_fame,
    )
    scorer = Far()
    with begin(root, config) as journal:
        list(evolve(journal, scorer, Offline(config, VARIATIONS)))
    return scorer


def unscored(one: Individual) -> tuple[object, ...]:
    """An individual but for what became of it."""
    return one.number, one.generation, one.policy, one.lineage


@pytest.mark.parametrize(("overlap", "fame"), [(0, 3), (1, 3), (0, 12)])
def test_stages_change_no_life(tmp_path: Path, overlap: int, fame: int) -> None:
    """With and without them the same are born, live on and become famous; what is spared is counted, and not run."""
    spared = 0
    for seed in range(2):
        roots = [tmp_path / f"{seed}-{stages}" for stages in (True, False)]
        scorers = [
            staged(root, stages=stages, seed=seed, overlap=overlap, hall_of_fame=fame)
            for root, stages in zip(roots, (True, False), strict=True)
        ]
        cut, whole = (read_run(root, "run") for root in roots)
        assert [*map(unscored, cut.individuals)] == [*map(unscored, whole.individuals)]
        assert [one.population for one in cut.generations] == [one.population for one in whole.generations]
        assert [one.best for one in cut.generations] == [one.best for one in whole.generations]
        assert cut.hall_of_fame() == whole.hall_of_fame()
        assert cut.stop == whole.stop
        partial = [one.outcome for one in cut.individuals if isinstance(one.outcome, Partial)]
        assert sum(one.left for one in partial) == sum(one.spared for one in cut.generations)
        assert not any(one.spared for one in whole.generations)
        spared += scorers[1].ran - scorers[0].ran
    assert spared > 0


@pytest.mark.parametrize(
    "exception", [{"elites": 2}, {"stages": False}, {"hall_of_fame": 200}], ids=["elites", "stages", "fame"]
)
def test_where_others_may_live_on_nobody_is_stopped(tmp_path: Path, exception: dict[str, Any]) -> None:
    """With few elites, a hall of fame that never fills, or no stages, every child is handed over without a hurdle."""
    plain = RunConfig(seed=1, generations=6, population=3, children=6, tournament=2, hall_of_fame=3)
    stopped = []
    for name, config in (("plain", plain), ("other", replace(plain, **exception))):
        with begin(tmp_path / name, config) as journal:
            list(evolve(journal, Far(), Offline(config, VARIATIONS)))
        individuals = read_run(tmp_path / name, "run").individuals
        stopped.append(sum(isinstance(one.outcome, Partial) for one in individuals))
    assert stopped[0] > 0
    assert stopped[1] == 0


@pytest.mark.parametrize("overlap", [0, 1])
def test_stages_go_on_where_they_stood(tmp_path: Path, overlap: int) -> None:
    """A run that was left after every few events comes to the same bytes, though its hurdles are computed anew."""
    staged(tmp_path / "whole", stages=True, seed=3, overlap=overlap)
    root = tmp_path / "cut"
    config = read_run(tmp_path / "whole", "run").config
    begin(root, config).close()
    while read_run(root, "run").stop is None:
        with Journal.open(root, "run") as journal:
            for number, _ in enumerate(evolve(journal, Far(), Offline(config, VARIATIONS))):
                if number == 6:
                    break
    assert '"partial":' in (root / "run" / "journal.jsonl").read_text()
    assert contents(root) == contents(tmp_path / "whole")
