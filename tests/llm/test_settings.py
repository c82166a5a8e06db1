"""What one model is asked with."""

from __future__ import annotations

import pytest

from evo.errors import InputError
from evo.llm.settings import Settings


@pytest.mark.parametrize("key", ["sk-1\n", "sk 1", "sk-é", "\x00"])
def test_a_key_that_can_not_be_one(key: str) -> None:
    """A key that would break a header is refused before it gets there, and not repeated."""
    with pytest.raises(InputError, match="copy it again") as caught:
        Settings(model="m", key=key)
    assert key not in str(caught.value)


def test_an_address_that_can_not_be_one() -> None:
    """An address without its protocol is refused with the mend."""
    with pytest.raises(InputError, match="must begin with http"):
        Settings(model="m", base="127.0.0.1:8000/v1")


def test_the_key_is_not_shown() -> None:
    """All of the settings can be printed, but for the key."""
    shown = repr(Settings(model="m", key="sk-1", effort="low"))
    assert "sk-1" not in shown
    assert "effort='low'" in shown
