"""Rows: which there are in a bench, and how a user adds one or gives it more time."""

from __future__ import annotations

import pytest

from evo.bench.rows import ALWAYS, ROWS, chosen, lengthened
from evo.config import read_config
from evo.errors import InputError


def test_every_row_is_another_configuration() -> None:
    """Each row of the table can be run as it is, and none repeats another by name or by what it changes."""
    made = [read_config(overrides=row.changes) for row in ROWS]
    assert made[0] == read_config()
    assert len({config.to_toml() for config in made}) == len({row.name for row in ROWS}) == len(ROWS)
    assert all(row.meaning for row in ROWS)


def test_what_is_always_there() -> None:
    """Whoever names a row gets it beside those that are always there; nobody is asked without models."""
    assert [row.name for row in chosen(["large"], asking=False)] == ["default", "independent", "large"]
    assert [row.name for row in chosen(["large", "large"], asking=True)] == [*ALWAYS, "large"]
    assert not any(row.asks for row in chosen([], asking=False))
    assert chosen([], asking=True) == ROWS


def test_a_row_of_ones_own() -> None:
    """A name, a colon and settings make a row; values are TOML's, and a word needs no quotes."""
    (row,) = chosen(["greedy: population=4 strategy=independent crossover=0.5 batch=true"], asking=False)[2:]
    changes = {"population": 4, "strategy": "independent", "crossover": 0.5, "batch": True}
    assert (row.name, row.changes) == ("greedy", changes)
    (quoted,) = chosen(['x: init=["naive","priority"] evaluations=7'], asking=False)[2:]
    assert quoted.changes == {"init": ["naive", "priority"], "evaluations": 7}


def test_some_go_on_for_longer() -> None:
    """Those named have evaluations of their own, whatever else they change; the others stay as they are."""
    rows = chosen(["large"], asking=False)
    longer = lengthened(rows, ["independent=1000", "large=9"])
    assert longer[0] is rows[0]
    assert longer[1].changes == {"strategy": "independent", "evaluations": 1000}
    assert longer[2].changes == {**rows[2].changes, "evaluations": 9}


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("nobody", "--row nobody: there is no such row; there are default, independent, climber"),
        ("chat", "--row chat: it is about language models: give --model"),
        ("a b: children=1", "--row a b: children=1: 'a b' can't be a row's name"),
        ("a: children", "'children' sets nothing; write KEY=VALUE"),
        ("a: seed=7", "seed is the same for all rows"),
        ("a: suite=paper", "suite is the same for all rows"),
        ("large: children=1", "there is another row 'large'"),
    ],
)
def test_rows_that_cant_be(wanted: str, message: str) -> None:
    """A row that isn't known, or can't be compared with others, is refused in one line that names the mend."""
    with pytest.raises(InputError) as caught:
        chosen([wanted], asking=False)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("independent", "give ROW=EVALUATIONS"),
        ("independent=many", "give ROW=EVALUATIONS"),
        ("huge=3", "no row 'huge' in this bench; there are default, independent"),
    ],
)
def test_what_cant_be_longer(wanted: str, message: str) -> None:
    """Evaluations are a number, of a row that takes part."""
    with pytest.raises(InputError, match=message):
        lengthened(chosen(["large"], asking=False), [wanted])
