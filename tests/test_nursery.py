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

from evo.breeding import Birth, Child, Offline
from evo.config import RunConfig
from evo.evaluation.stages import Candidate
from evo.evolution import evolve
from evo.journal import Journal
from evo.population import Failure, Fitness, Partial
from evo.records import Generation, Skipped
from tests.test_evolution import VARIATIONS, Distance, begin, contents

CONFIGS = {
    overlap: RunConfig(seed=5, generations=4, population=5, children=6, tournament=2, overlap=overlap)
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


@pytest.fixture(scope="module", params=[0, 1], ids=["barrier", "overlap"])
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Path]:
    """The folder of a run in which nothing came late."""
    root = tmp_path_factory.mktemp("whole")
    config = CONFIGS[request.param]
    with begin(root, config) as journal:
        list(evolve(journal, Distance(), Offline(config, VARIATIONS)))
    return request.param, root


delays = st.lists(st.integers(0, 6), min_size=1, max_size=5)


@settings(max_examples=40)
@given(late=delays, slow=delays, ahead=st.integers(1, 12), cut=st.integers(0, 60))
def test_timing_changes_nothing(
    whole: tuple[int, Path],
    tmp_path_factory: pytest.TempPathFactory,
    late: list[int],
    slow: list[int],
    ahead: int,
    cut: int,
) -> None:
    """Children and scores come late, more or fewer are begun ahead, and the search is left once: the same bytes."""
    overlap, expected = whole
    config = CONFIGS[overlap]
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
    config = CONFIGS[1]
    with begin(tmp_path, config) as journal:
        found = [
            event
            for event in evolve(journal, Distance(), Offline(config, VARIATIONS))
            if isinstance(event, Generation)
        ]
    for generation in found[1:]:
        place = max(generation.number - 2, 0)
        alive = {one.id for one in found[place].population.individuals}
        assert all(set(one.lineage.parents) <= alive for one in generation.born)
