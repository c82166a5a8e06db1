"""The model of the benchmark against peers: what it reads in a question, and what it answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evo.policy import parse
from tests.benchmarks.landscapes import FIFO, LADDERS, Places, deceptive, moved, places, slipped
from tests.benchmarks.standin import StandIn, proposed, shown, stepped

START = places(FIFO)


def program(**settings: int) -> str:
    """The program with these settings."""
    return moved(FIFO, START | settings)


def turn(*programs: str, role: str = "user", words: str = "Improve it.") -> dict[str, Any]:
    """What is said in a conversation, the programs in fences."""
    return {"role": role, "content": "\n".join([words, *(f"```python\n{text}\n```" for text in programs)])}


def distance(first: Places, second: Places) -> int:
    """Rungs between two programs."""
    return sum(abs(first[name] - second[name]) for name in first)


def test_a_proposal_is_a_policy_one_small_step_away() -> None:
    """Whatever the model proposes for a program can be evaluated, and differs in one setting by one rung."""
    for seed in range(40):
        child = proposed((FIFO,), (), np.random.default_rng(seed))
        assert parse(child).key == "settings"
        assert distance(START, places(child)) == 1


def test_a_step_stays_on_the_ladder() -> None:
    """At either end of every ladder there is one way only."""
    rng = np.random.default_rng(1)
    for ends in (dict.fromkeys(LADDERS, 0), {name: len(ladder) - 1 for name, ladder in LADDERS.items()}):
        for _ in range(50):
            after = stepped(ends, rng)
            assert all(0 <= rung < len(LADDERS[name]) for name, rung in after.items())


def test_the_same_question_gets_the_same_answers_in_the_same_order() -> None:
    """Another model with the same seed says the same; asked once more, a model says something else now and then."""
    question = {"messages": [turn(FIFO)]}
    first, second, other = StandIn(1), StandIn(1), StandIn(2)
    said = [first(number, question).text for number in range(8)]
    assert said == [second(number + 5, question).text for number in range(8)]
    assert len(set(said)) > 1
    assert said != [other(number, question).text for number in range(8)]


def test_the_last_program_is_the_one_to_be_improved() -> None:
    """Programs before it are others, those of earlier turns are past; an answer counts where none was shown since."""
    best, tried = program(TRIES=1), program(GROWTH=3)
    (parent,), others = shown([turn(best, tried, FIFO)])
    assert places(parent) == START
    assert [places(one) for one in others] == [places(best), places(tried)]
    (parent,), others = shown([turn(FIFO), turn(tried, role="assistant"), turn(words="Better?")])
    assert (places(parent), others) == (places(tried), ())


@pytest.mark.parametrize("words", ["# Make one policy of these two", "Perform a cross-over between the code"])
def test_two_parents_are_crossed_where_that_is_asked_for(words: str) -> None:
    """A crossing takes each setting from one parent or the other, if they leave a choice."""
    first, second = program(TRIES=2, GROWTH=0, RESERVE=3), program(CONTAINERS=5, CPU_TILT=1, RAM_TILT=6)
    parents, others = shown([turn(first, second, words=words)])
    assert [places(one) for one in parents] == [places(first), places(second)]
    assert not others
    for seed in range(20):
        child = places(proposed(parents, (), np.random.default_rng(seed)))
        assert distance(places(first), child) + distance(child, places(second)) <= 1 + distance(
            places(first), places(second)
        )


def test_a_slip_fails_and_is_mended_by_the_next_step() -> None:
    """A program with a slip has no score, and a neighbour of it has one."""
    broken = slipped(FIFO)
    assert deceptive(broken) is None
    assert deceptive(moved(broken, START)) == deceptive(FIFO) == 100


def test_climbing_ends_in_the_wide_basin() -> None:
    """Under the stairs no single step is better, though the other basin is deeper by 50."""
    stairs = {"CONTAINERS": 4, "TRIES": 4, "CLASS_WEIGHT": 4, "WORK_WEIGHT": 4}
    floor = program(**stairs)
    assert deceptive(floor) == 60
    for name, rung in places(floor).items():
        for there in {max(rung - 1, 0), min(rung + 1, len(LADDERS[name]) - 1)}:
            score = deceptive(moved(floor, places(floor) | {name: there}))
            assert score is not None
            assert score >= 60
    assert deceptive(program(**stairs, CPU_TILT=2, RAM_TILT=2)) == 10
