"""Two results are the same to the last bit, or it is said where they are not."""

from __future__ import annotations

import math
from typing import Any

import pytest

from evo.simulator.comparison import Difference, differences, first_event, same
from evo.simulator.parameters import RunFailure
from evo.simulator.stats import PipelineStats, SimulatorStats

NOBODY = PipelineStats(0, 0, 0, math.nan, math.nan)
STATS = SimulatorStats(3, 2, 0.5, 1.5, 3, 0, 1, {"OOM": 1}, 10.0, 5.0, NOBODY, NOBODY, NOBODY, NOBODY)
ID = "0b7a91c4-1111-4222-8333-444455556666"


def test_equal_statistics_have_no_difference() -> None:
    """NaN equals NaN here, and 1 equals 1.0."""
    assert (
        differences(STATS, STATS._replace(pipelines_query=PipelineStats(0, 0, 0, float("nan"), math.nan)))
        == []
    )
    assert differences(STATS, STATS._replace(containers_completed=2.0)) == []  # type: ignore[arg-type]


def test_a_last_bit_is_a_difference() -> None:
    """Each field that differs is named, with both values."""
    late = math.nextafter(0.5, 1)
    changed = STATS._replace(throughput=late, pipelines_batch=NOBODY._replace(arrival_count=1))
    assert differences(STATS, changed) == [
        Difference("throughput", 0.5, late),
        Difference("pipelines_batch.arrival_count", 0, 1),
    ]
    assert [each.field for each in differences(STATS._replace(p99_latency=math.nan), STATS)] == [
        "p99_latency"
    ]


def test_kinds_of_error_come_in_an_order() -> None:
    """The same counts in another order are not the same."""
    one, two = (
        STATS._replace(failure_error_counts=dict(p)) for p in ([("a", 1), ("b", 1)], [("b", 1), ("a", 1)])
    )
    assert [each.field for each in differences(one, two)] == ["failure_error_counts"]


def test_failures_are_the_same_but_for_ids_and_lines() -> None:
    """Kind, message, tick and phase count."""
    ours = RunFailure("AssertionError", f"operator {ID} in p1", 3, "executor", 7)
    theirs = RunFailure("AssertionError", f"operator {ID[::-1].replace('-', '1', 0)} in p1", 3, "executor")
    swapped = theirs._replace(message=ours.message.replace("0b7a", "ffff"))
    assert differences(ours, swapped) == []
    later = swapped._replace(tick=4, kind="KeyError", phase="policy", message="other")
    assert [each.field for each in differences(ours, later)] == ["kind", "message", "tick", "phase"]


def test_an_end_and_a_failure_differ_as_a_whole() -> None:
    """One difference says what became of each."""
    failed = RunFailure("KeyError", "'x'", 3, "policy")
    assert differences(STATS, failed) == [Difference("outcome", "ended", "KeyError in tick 3: 'x'")]
    assert differences(failed, STATS) == [Difference("outcome", "KeyError in tick 3: 'x'", "ended")]


@pytest.mark.parametrize(
    ("first", "second", "number"),
    [
        ([], [], None),
        ([{"tick": 1}], [{"tick": 1.0}], None),
        ([{"tick": 1, "name": ID}], [{"tick": 1, "name": ID.replace("0", "f")}], None),
        ([{"tick": 1}], [{"tick": 2}], 1),
        ([{"tick": 1}, {"tick": 2}], [{"tick": 1}], 2),
        ([{"a": [1, {"b": 2}]}], [{"a": [1, {"b": 3}]}], 1),
        ([{"a": "unreadable"}], [{"a": []}], 1),
        ([{"a": 1}], [{"b": 1}], 1),
    ],
)
def test_the_first_event_that_differs(first: list[Any], second: list[Any], number: int | None) -> None:
    """Lines are compared in order; a log that ends early differs there."""
    found = first_event(first, second)
    assert (found and found.field) == (number and f"event {number}")


def test_booleans_are_numbers_and_texts_are_not() -> None:
    """As Python's `==` has it."""
    assert same([1, True], (True, 1))
    assert not same("1", 1)
    assert not same(math.nan, 1.0)
    assert not same(1.0, math.nan)
