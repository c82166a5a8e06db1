"""A source is read once, and what is made of it is shared by runs that share nothing else."""

from __future__ import annotations

from contextvars import copy_context

import pytest

from evo.simulator.messages import Observation
from evo.simulator.scheduling.program import give, packed, program, unpacked
from tests.simulator.scheduling.facade import called, policy

COUNTING = policy(
    "s.seen.append(len(s.seen))\nassert len(SEEN) < 4\nSEEN.append(1)\nreturn [], []",
    "s.seen = SEEN",
    "SEEN = []",
)


def test_a_source_is_read_once() -> None:
    """The same source with the same wishes is the same program; other wishes make another."""
    one = program(COUNTING, every_tick=False, counted=False)
    assert program("".join(COUNTING), every_tick=False, counted=False) is one
    others = [
        program(COUNTING, every_tick=False, counted=True),
        program(COUNTING, every_tick=True, counted=False),
        program(COUNTING + "\n", every_tick=False, counted=False),
    ]
    assert all(other.code is not one.code for other in others)


def test_runs_share_no_state() -> None:
    """A second run begins with the module's names as the source makes them."""
    first, second = (called(COUNTING, Observation(0, 0), Observation(1, 0)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("source", "watched", "obstacle"),
    [
        (policy("return [], []"), False, None),
        (policy("s.n\nreturn [], []"), True, None),
        ("import gc\n" + policy("return [], []").lstrip(), False, "line 1: imports gc"),
    ],
)
def test_one_of_three_things_is_known(source: str, watched: bool, obstacle: str | None) -> None:
    """It rests without news, or it is watched, or there is an obstacle to both."""
    made = program(source, every_tick=False, counted=False)
    assert (made.watched, made.obstacle) == (watched, obstacle)
    assert bool(made.resting) is (not watched and obstacle is None)
    assert program(source, every_tick=True, counted=False).obstacle == "called in every tick"


def test_a_source_that_can_not_be_read_fails_every_time() -> None:
    """A syntax error is no program, however often it is asked for."""
    for _ in range(2):
        with pytest.raises(SyntaxError):
            program("x = (", every_tick=False, counted=False)


@pytest.mark.parametrize("body", ["return [], []", "s.n\nreturn [], []", "s.seen.append(1)\nreturn [], []"])
@pytest.mark.parametrize("counted", [False, True])
def test_a_packed_program_is_the_same(body: str, counted: bool) -> None:
    """What comes out of the bytes says the same of the same code, and its resting functions are that code's own."""
    made = program(policy(body, "s.seen = []"), every_tick=False, counted=counted)
    again = unpacked(packed(made))
    assert again == made
    assert all(any(each.code is inner for inner in again.code.co_consts) for each in again.resting)
    assert packed(again) == packed(unpacked(packed(again)))


def test_a_given_program_stands_for_its_source_alone() -> None:
    """Where a program is given it is not made again, but for another source, or another wish, it is."""
    source, other = policy("return [], [7]"), policy("return [], [8]")
    made = program(other, every_tick=False, counted=True)

    def ask() -> list[bool]:
        give(source, made, every_tick=False, counted=True)
        return [
            program(source, every_tick=False, counted=True) is made,
            program(source, every_tick=False, counted=False) is made,
            program(source + "\n", every_tick=False, counted=True) is made,
        ]

    assert copy_context().run(ask) == [True, False, False]
    program.cache_clear()
    assert program(source, every_tick=False, counted=True) is not made
