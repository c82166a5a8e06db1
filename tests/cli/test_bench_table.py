"""The table of a bench: what it shows of rows of equal and of different lengths."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console

from evo.bench.competing import Finished
from evo.bench.standing import standings
from evo.cli.bench_table import explanation, standing_json, standings_table, unfinished
from tests.bench.test_standing import FIRST, LONG, row


def lines(rows: list[Finished], width: int = 200) -> list[str]:
    """The table as it stands on a wide screen."""
    console = Console(file=io.StringIO(), width=width)
    console.print(standings_table(standings(rows, 4), 4, console))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_rows_of_one_length() -> None:
    """Where all end together the end is told once, with marks before it."""
    head, _, first, second = lines([*FIRST, *row("other", [9.0, 5.0, 5.0, 5.0], [4.0] * 4, [5.0] * 4)])
    assert head.split()[:7] == ["row", "evals", "at", "1", "at", "2", "end"]
    assert first.split()[1:7] == ["4", "9.0000", "9.0000", "6.0000", "5.5000", "to"]
    assert first.split()[8:11] == ["7.7500", "-", "-"]
    assert second.split()[9:12] == ["-1.3333", "0.250", "1"]


def test_rows_of_different_lengths() -> None:
    """Where some go on for longer all are also shown where the others end, and each at its own end."""
    head, _, first, second = lines([*FIRST, *LONG])
    assert head.split()[2:9] == ["at", "1", "at", "2", "at", "4", "end"]
    assert first.split()[1:6] == ["4", "9.0000", "9.0000", "6.0000", "6.0000"]
    assert second.split()[1:6] == ["8", "9.0000", "9.0000", "9.0000", "6.0000"]


def test_a_narrow_screen_has_no_room_for_all() -> None:
    """What happened on the way is left out before a line would be broken or cut; where others ended stays."""
    wide, _, *rest = lines([*FIRST, *LONG], 100)
    assert "at 1" in wide
    narrow, _, *others = lines([*FIRST, *LONG], 80)
    assert narrow.split()[2:5] == ["at", "4", "end"]
    assert len(rest) == len(others) == 2
    assert others[1].split()[-1] == rest[1].split()[-1] == "8"


def test_a_course_is_drawn_on_one_scale() -> None:
    """The worst of all rows is drawn highest where lower is better, the best lowest."""
    *_, first, second = lines([*FIRST, *LONG])
    assert first.split()[-1] == "██▆▁"
    assert second.split()[-1] == "████"


def test_words_beside_the_table() -> None:
    """It is said how to read it, and which runs ended before their time."""
    (said,) = explanation(standings(FIRST, 4)[0], 4)
    assert "Medians of 3 seeds, in s, lower is better." in said
    entry = FIRST[0].entry
    early = Finished(entry, 1, "first-1", [9.0] * 4, 3, 0, "budget")
    assert list(unfinished(standings([early, *FIRST[1:]], 4))) == [
        "first-1 ended after 3 of 4 evaluations (budget)."
    ]


def test_how_far_a_row_is_from_the_bound() -> None:
    """Where the runs know one, the median at the end stands beside it, and it is said which that is."""
    bounded = [replace(one, bound=4.0) for one in FIRST]
    head, _, first = lines(bounded)
    assert first[head.index("vs bound") :].split()[0] == "1.50x"
    (standing,) = standings(bounded, 4)
    assert list(explanation(standing, 4))[1:] == [
        "vs bound: by how many times it misses 4.0000 s, which no scheduler betters."
    ]
    assert standing_json(standing)["optimality"] == 1.5
    assert standing_json(standings(FIRST, 4)[0])["optimality"] is None
    assert "vs bound" not in lines(FIRST)[0]
