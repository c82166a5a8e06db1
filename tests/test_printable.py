"""What others say commands no terminal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evo.printable import printable


@given(st.text(st.characters()))
def test_any_text_can_be_printed(text: str) -> None:
    """Surrogates, which no encoding knows, included; and what could be printed is as it was."""
    shown = printable(text)
    assert shown.isprintable()
    assert shown.encode().decode() == shown
    assert shown == text or not text.isprintable()


def test_what_is_kept_is_kept() -> None:
    """Lines stay lines where they are wanted, and a colour is never obeyed."""
    assert printable("a\n\x1b[31mb\t\ud800", keep="\n") == "a\n\\x1b[31mb\\t\\ud800"
