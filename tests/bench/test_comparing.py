"""Saved runs side by side: what is one strategy, what is paired, and what can't be compared."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from evo.answers import Answers
from evo.bench.axis import Axis
from evo.bench.comparing import compared, course, strategies
from evo.errors import InputError
from evo.metric import Metric
from evo.runfolder import policy_file
from tests.bench.trails import run_of
from tests.test_spending import answer

ASKS = ("openai:m",)


def test_a_course_along_each_axis(tmp_path: Path) -> None:
    """The best so far after so many evaluations, at the end of a generation, and for so many dollars."""
    run = run_of(tmp_path, "m-1", [9.0, None, 8.0, 8.5, 4.0, 6.0, 3.0], models=ASKS)
    answers = Answers(run.folder)
    for one in (answer(2, "0.5"), answer(2, "0.25", "repair"), answer(4, "1"), answer(9, "2")):
        answers.save(msgspec.structs.replace(one, question=f"{one.number}{one.purpose}"))
    for number, seconds in enumerate([0, 10, 20, 21, 22, 23, 24, 40]):
        file = run.folder / (policy_file(number - 1) if number else "config.toml")
        os.utime(file, (seconds, seconds))
    by = {axis: course(run, axis) for axis in Axis}
    assert [by[Axis.SECONDS].at(seconds) for seconds in (0, 10, 21, 23, 39, 40)] == [9, 9, 8, 4, 4, 3]
    assert [by[Axis.EVALUATIONS].at(count) for count in (0, 1, 3, 4, 5, 7, 99)] == [9, 9, 8, 8, 4, 3, 3]
    assert [by[Axis.GENERATIONS].at(count) for count in (0, 1, 2, 3)] == [9, 8, 4, 3]
    assert [by[Axis.DOLLARS].at(dollars) for dollars in (0, 0.7, 0.75, 1.7, 1.75, 5)] == [9, 9, 8, 8, 3, 3]
    assert [by[axis].total for axis in Axis] == [7, 3.75, 2, 40]


def test_a_copy_that_lost_its_times(tmp_path: Path) -> None:
    """Files that are younger than those that came after them tell nothing of the time that a run took."""
    run = run_of(tmp_path, "m-1", [9.0, 8.0])
    os.utime(run.folder / policy_file(0), (2e9, 2e9))
    with pytest.raises(InputError, match=r"'m-1' don't tell any more .*: compare --by evaluations"):
        course(run, Axis.SECONDS)


def test_strategies_are_what_seeds_have_in_common(tmp_path: Path) -> None:
    """Seeds and ends are no part of a strategy; a setting is, and so are the first policies, and each is said."""
    runs = [
        run_of(tmp_path, "plain-1", [9.0, 8.0], seed=1, generations=5),
        run_of(tmp_path, "plain-2", [9.0, 8.0], seed=2, evaluations=7),
        run_of(tmp_path, "bold-1", [9.0, 8.0], seed=1, tournament=1),
        run_of(tmp_path, "other", [9.0, 8.0], seed=3, crossover=0.5),
        run_of(tmp_path, "thing", [9.0, 8.0], seed=4, crossover=0.5),
    ]
    found = strategies(runs, Axis.EVALUATIONS)
    assert [(one.name, dict(one.changes)) for one in found] == [
        ("plain", {}),
        ("bold", {"tournament": "1"}),
        ("other", {"crossover": "0.5"}),
    ]
    assert [[each.name for each in one.courses] for one in found] == [
        ["plain-1", "plain-2"],
        ["bold-1"],
        ["other", "thing"],
    ]
    alike = [run_of(tmp_path, f"a-{seed}", [9.0], seed=seed, tournament=seed) for seed in (1, 2)]
    assert [one.name for one in strategies(alike, Axis.EVALUATIONS)] == ["a-1", "a-2"]


def test_pairs_by_seed_at_the_common_budget(tmp_path: Path) -> None:
    """What a longer run came to later doesn't count; seeds that one side lacks aren't paired."""
    ends = {1: (6.0, 5.0), 2: (6.0, 7.0), 3: (8.0, 4.0)}
    runs = [run_of(tmp_path, f"old-{seed}", [9.0, end], seed=seed) for seed, (end, _) in ends.items()]
    runs += [
        run_of(tmp_path, f"new-{seed}", [9.0, end, 1.0], seed=seed, tournament=1)
        for seed, (_, end) in ends.items()
    ]
    runs += [run_of(tmp_path, "new-4", [9.0, 2.0], seed=4, tournament=1)]
    runs += [run_of(tmp_path, "lone-9", [9.0, 2.0], seed=9, crossover=1.0)]
    found = compared(runs, Axis.EVALUATIONS)
    assert (found.metric, found.budget) == (Metric.LATENCY, 2)
    old, new, lone = found.contests
    assert (old.pairs, old.difference, old.chance, old.won) == (0, None, None, None)
    assert (new.pairs, new.won) == (3, 2)
    assert new.difference == pytest.approx(16 / 3 - 20 / 3)
    assert new.percent == pytest.approx(100 * (20 - 16) / 20)
    assert new.chance == pytest.approx(6 / 8)
    assert new.marks[2].median == 4.5
    assert (lone.pairs, lone.difference) == (0, None)


def test_models_may_answer_twice_with_one_seed(tmp_path: Path) -> None:
    """With models one seed makes many runs, paired one by one; without them it is the same search twice."""
    asked = [run_of(tmp_path, f"{name}", [9.0], models=ASKS) for name in ("a", "b")]
    more = [run_of(tmp_path, name, [8.0], models=ASKS, tournament=1) for name in ("c", "d", "e")]
    first, second = compared([*asked, *more], Axis.EVALUATIONS).contests
    assert (len(first.strategy.courses), second.pairs) == (2, 2)
    twins = [run_of(tmp_path, name, [9.0], generations=length) for name, length in (("x", 1), ("y", 2))]
    with pytest.raises(InputError, match="'x' and 'y' are one search with one seed"):
        compared(twins, Axis.EVALUATIONS)


def test_dollars_of_a_run_that_costs_nothing(tmp_path: Path) -> None:
    """It stands with its end from the first cent on; the common budget is that of those that cost something."""
    asked = run_of(tmp_path, "asked", [9.0, 8.0, 5.0, 2.0], models=ASKS)
    free = run_of(tmp_path, "free", [9.0, 8.0, 4.0])
    for number in (2, 3):
        Answers(asked.folder).save(answer(number, "2"))
    found = compared([asked, free], Axis.DOLLARS)
    assert found.budget == 4
    assert [one.marks[0.5].median for one in found.contests] == [8, 4]
    assert [one.marks[4].median for one in found.contests] == [2, 4]
    with pytest.raises(InputError, match="none of these runs cost anything"):
        compared([free], Axis.DOLLARS)
    Answers(asked.folder).save(answer(3, None, "repair"))
    with pytest.raises(InputError, match="nobody knows what 1 answers of 'asked' cost"):
        compared([asked, free], Axis.DOLLARS)


def test_what_can_not_be_compared(tmp_path: Path) -> None:
    """Other traces, other metrics, a run twice, or one without any fitness: one line that says what to do."""
    run = run_of(tmp_path, "mine", [9.0, 8.0])
    other = run_of(tmp_path, "other", [9.0, 8.0], suite="1" * 64, seed=2)
    both = run_of(tmp_path, "both", [9.0], metric=("latency", "throughput"), seed=3)
    lost = run_of(tmp_path, "lost", [None, None], seed=4)
    for runs, words in (
        ([run, other], f"on different traces: .*evo replay other --suite {run.suite_file}"),
        ([run, both], "different metrics .*evo replay both --metric latency"),
        ([run, run], "'mine' is named twice"),
        ([run, lost], "no policy of 'lost' has a fitness"),
    ):
        with pytest.raises(InputError, match=words) as refused:
            compared(runs, Axis.EVALUATIONS)
        assert "\n" not in str(refused.value)


def test_the_bound_that_says_most_counts(tmp_path: Path) -> None:
    """Where runs know different bounds, as evos of different age do, the nearest is taken; each of them is proven."""
    runs = [
        run_of(tmp_path, f"one-{seed}", [9.0, 8.0], seed=seed, bound=bound)
        for seed, bound in enumerate([2.0, 4.0, None], start=1)
    ]
    found = compared(runs, Axis.EVALUATIONS)
    assert (found.bound, found.contests[0].optimality) == (4.0, 2.0)
