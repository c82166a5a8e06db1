"""How values become text: JSON that any reader accepts, numbers for the eye, outside text without control codes."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evo.cli.console import jsonable, number, one_line, results, table, visible

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(JSON)
def test_any_value_is_strict_json(value: object) -> None:
    """Whatever stands in a result, strict JSON comes out, and what JSON can say reads back unchanged."""
    text = json.dumps(jsonable(value), allow_nan=False)
    if "NaN" not in text and "Infinity" not in text:
        assert json.loads(text) == value


def test_what_json_lacks_is_named() -> None:
    """NaN and infinities are strings, also deep inside, and tuples are lists."""
    given_value = {"a": [math.nan, (math.inf, -math.inf)], "b": 0.1}
    assert jsonable(given_value) == {"a": ["NaN", ["Infinity", "-Infinity"]], "b": 0.1}


@given(st.floats(min_value=-1e300, max_value=1e300))
@example(0.0)
@example(99999.5)
def test_numbers_keep_their_size(value: float) -> None:
    """A number for the eye has an error below one part in ten thousand, and its sign."""
    assert math.isclose(float(number(value).replace(",", "")), value, rel_tol=1e-4, abs_tol=5e-5 * abs(value))


def test_numbers_look_like_measures() -> None:
    """No exponents where a human wouldn't write one."""
    shown = [number(value) for value in (0.0, 0.247, 38.5, 10079.0, 1234567.8, 1e-7)]
    assert shown == ["0.0000", "0.24700", "38.500", "10,079", "1,234,568", "1e-07"]


@given(st.text(st.characters()))
def test_outside_text_obeys_nobody(text: str) -> None:
    """A message from outside becomes one line without anything that a terminal would act on."""
    line = one_line(text)
    assert "\n" not in line
    assert all(character.isprintable() for character in line)


@given(st.text(st.characters()))
def test_a_source_on_a_terminal_obeys_nobody(text: str) -> None:
    """A source keeps its lines and tabs; whatever else a terminal would act on is spelt out."""
    shown = visible(text)
    assert shown.count("\n") == text.count("\n")
    assert all(character.isprintable() or character in "\n\t" for character in shown)


@pytest.mark.parametrize("width", [20, 50, 80])
def test_no_window_is_too_narrow_for_a_number(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A table that doesn't fit goes beyond the window: 67 of 170 never becomes 67 of 17, and names stay."""
    monkeypatch.setenv("COLUMNS", str(width))
    shown = table(
        "trace",
        "of all",
        "slowest (s)",
        "and by how much",
        right=("of all", "slowest (s)", "and by how much"),
    )
    shown.add_row("priority-pool", "67 of 170", "300.00/300.00/300.00", "1,234.5")
    results().print(shown)
    printed = capsys.readouterr().out
    for whole in ("priority-pool", "67 of 170", "300.00/300.00/300.00", "1,234.5", "and by how much"):
        assert whole in printed
