"""Niches: behaviours that look alike from afar share one, whatever their digests."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from evo.behaviour import Behaviour, niche

SHARES = st.floats(0, 1)
BEHAVIOURS = st.builds(
    Behaviour, st.text(max_size=3), SHARES, SHARES, SHARES, SHARES, st.tuples(*[st.none() | SHARES] * 3)
)
USUAL = Behaviour("a", 0.05, 0.0, 0.5, 0.5, (0.1, 0.2, 0.3))


@given(st.lists(BEHAVIOURS, min_size=1, max_size=4))
def test_every_behaviour_has_a_niche(seen: list[Behaviour]) -> None:
    """There is one for whatever was done, in a grid of 216, and the order of the traces doesn't matter."""
    found = niche(seen)
    assert all(0 <= cell < cells for cell, cells in zip(found, (4, 2, 3, 3, 3), strict=True))
    assert niche([replace(one, digest="") for one in seen]) == found


def test_what_tells_niches_apart() -> None:
    """More kills, any suspension, a fuller cluster, and who waits longest."""
    others = [
        replace(USUAL, killed=0.0),
        replace(USUAL, killed=0.2),
        replace(USUAL, killed=0.9),
        replace(USUAL, suspended=0.01),
        replace(USUAL, cpu=0.9),
        replace(USUAL, ram=0.1),
        replace(USUAL, waits=(0.3, 0.2, 0.1)),
        replace(USUAL, waits=(None, 0.2, None)),
    ]
    assert len({niche([one]) for one in [USUAL, *others]}) == len(others) + 1
    assert niche([USUAL, replace(USUAL, digest="b", cpu=0.6)]) == niche([USUAL])
