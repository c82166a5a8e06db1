"""Children ahead of their time: whatever comes late, and in whatever order, the run is the same."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from evo.breeding import Birth, Child, Offline
from evo.config import RunConfig
from evo.evaluation.stages import Candidate
from evo.evolution import evolve
from evo.journal import Journal, read_run
from evo.population import Failure, Fitness, Partial
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

    def stream(self, candidates: Iterable[Candidate | None]) -> Iterator[Fitness | Partial | Failure | None]:
        """The outcome of each policy, in order, after a while."""
        waiting: deque[Fitness | Partial | Failure | None] = deque()
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
