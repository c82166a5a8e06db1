"""How rows stand: each at its own end, beside the first one with the same seeds."""

from __future__ import annotations

from evo.bench.competing import Entry, Finished
from evo.bench.rows import Row
from evo.bench.standing import marks, standings
from evo.config import RunConfig


def row(name: str, *trails: list[float]) -> list[Finished]:
    """A row's runs, with the seeds 1, 2, … and these courses."""
    entry = Entry(Row(name, {}, "why"), RunConfig(evaluations=len(trails[0])))
    return [
        Finished(entry, seed, f"{name}-{seed}", trail, len(trail), 0, "evaluations")
        for seed, trail in enumerate(trails, start=1)
    ]


FIRST = row("first", [9.0, 8.0, 8.0, 6.0], [9.0, 9.0, 5.0, 5.0], [9.0, 9.0, 9.0, 7.0])
LONG = row("long", [9.0] * 7 + [6.0], [9.0] * 8, [9.0] * 5 + [5.0] * 3)


def test_a_row_beside_the_first() -> None:
    """Values are taken at each row's own end and on the way; differences go seed by seed."""
    first, long = standings([FIRST[0], LONG[0], FIRST[1], LONG[1], FIRST[2], LONG[2]], 4)
    assert (first.entry.row.name, first.difference, first.chance) == ("first", None, None)
    assert first.end == (5.5, 6.0, 6.5)
    assert {mark: found.median for mark, found in first.marks.items()} == {1: 9.0, 2: 9.0, 4: 6.0}
    assert first.area.median == 7.75
    assert long.end.median == 6.0
    assert {mark: found.median for mark, found in long.marks.items()} == {1: 9.0, 2: 9.0, 4: 9.0}
    assert long.area == (9.0, 9.0, 9.0)
    assert long.difference is not None
    assert round(long.difference, 9) == round((0.0 + 4.0 - 2.0) / 3, 9)
    assert long.chance == 1.0


def test_when_a_row_comes_to_where_the_first_ended() -> None:
    """Counted is until the first row's median at its end, met exactly or bettered; too few seeds are none."""
    first, long = standings([*FIRST, *LONG], 4)
    assert (first.reaching, first.usually_reaching) == ((4, 3, None), 4)
    assert (long.reaching, long.usually_reaching) == ((8, None, 6), 8)
    never = standings([*FIRST, *row("never", [9.0], [9.0], [5.0])], 4)[1]
    assert (never.reaching, never.usually_reaching) == ((None, None, 1), None)


def test_where_to_look() -> None:
    """An eighth, a quarter, a half and all of the evaluations, each once and none before the first."""
    assert marks(200) == [25, 50, 100, 200]
    assert marks(5) == [1, 2, 5]
    assert marks(1) == [1]
