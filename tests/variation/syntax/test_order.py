"""Tests of the mutations of order."""

from __future__ import annotations

import pytest

from evo.variation.syntax.mutation import Mutation
from evo.variation.syntax.order import (
    change_end,
    change_key,
    limit_loop,
    reverse_loop,
    share_queue,
    sort_queue,
)

from .drafts import new_lines, scheduler
from .samples import DRAIN, JOBS

LEFT = "len({0}.values) - {0}.runtime_status().state_counts[OperatorState.COMPLETED]"

LOOPS = {
    "pipelines": ("for p in s.queue:\n    p.runtime_status()", "p", "p"),
    "operators": ("for op in s.queue:\n    use(op.pipeline)", "op", "op.pipeline"),
    "dictionaries": ('for job in s.queue:\n    use(job["pipeline"])', "job", 'job["pipeline"]'),
    "tuples": ("for job in s.queue:\n    p, ops = job\n    p.runtime_status()", "job", "job[0]"),
    "unpacked": ("for p, ops in s.queue:\n    p.runtime_status()", "job", "job[0]"),
}


@pytest.mark.parametrize(("body", "variable", "path"), LOOPS.values(), ids=LOOPS.keys())
def test_a_loop_over_work_is_sorted(body: str, variable: str, path: str) -> None:
    """Whatever a queue holds, the way to its pipelines is found, and the queue or a copy of it sorted."""
    head = body.split("\n", maxsplit=1)[0].replace("s.queue:", "")
    lines = new_lines(sort_queue, scheduler(body), 300)
    assert f"{head}sorted(s.queue, key=lambda {variable}: {LEFT.format(path)}):" in lines
    assert f"s.queue.sort(key=lambda {variable}: {path}.priority.value)" in lines
    assert any(line.startswith(f"s.queue.sort(key=lambda {variable}: (") for line in lines)


def test_a_drained_queue_is_sorted_first() -> None:
    """A queue that is popped in a while loop is sorted before that loop."""
    lines = new_lines(sort_queue, DRAIN)
    assert "s.waiting.sort(key=lambda pipeline: pipeline.runtime_status().arrival_tick)" in lines


def test_a_numbered_queue_is_sorted_first() -> None:
    """A loop that counts places in the queue needs the queue itself sorted."""
    lines = new_lines(sort_queue, scheduler("for i, op in enumerate(s.queue):\n    use(op.pipeline)"))
    assert lines
    assert all(line.startswith("s.queue.sort(") for line in lines if "s.queue" in line)


def test_keys_change() -> None:
    """A sort key gets another term, one before or behind it, the other direction, or loses one."""
    lines = new_lines(
        change_key, scheduler("s.queue.sort(key=lambda p: (p.priority.value, p.runtime_status()))"), 300
    )
    assert "s.queue.sort(key=lambda p: p.priority.value)" in lines
    assert "s.queue.sort(key=lambda p: (-p.priority.value, p.runtime_status()))" in lines
    assert f"s.queue.sort(key=lambda p: {LEFT.format('p')})" in lines
    assert f"s.queue.sort(key=lambda p: ({LEFT.format('p')}, p.priority.value, p.runtime_status()))" in lines


@pytest.mark.parametrize(
    "body",
    [
        "for p in sorted(s.queue, key=lambda p: (p.x, p.y, p.z)):\n    p.runtime_status()",
        "s.queue.sort(key=lambda p: (p.x, p.y, p.z))\nfor i, p in enumerate(s.queue):\n    p.runtime_status()",
    ],
    ids=["copy", "queue"],
)
def test_what_is_sorted_is_sorted_once(body: str) -> None:
    """Where there is a sort, a new key comes first in it; the former decides ties, and what hardly counts goes."""
    lines = new_lines(sort_queue, scheduler(body), 100)
    assert lines
    assert all(line.count("sort") == 1 for line in lines if "key=" in line)
    assert any("(p.priority.value, p.x, p.y))" in line for line in lines)


@pytest.mark.parametrize(
    ("mutation", "before", "after"),
    [
        (reverse_loop, "for p in a:\n    b(p)", "for p in reversed(list(a)):"),
        (reverse_loop, "for p in reversed(a):\n    b(p)", "for p in a:"),
        (change_end, "x = a.pop(0)", "x = a.pop()"),
        (change_end, "x = a.pop()", "x = a.pop(0)"),
        (change_end, "a.append(b)", "a.insert(0, b)"),
        (change_end, "a.insert(0, b)", "a.append(b)"),
        (limit_loop, "x = a[:1]", "x = a"),
    ],
)
def test_the_only_way(mutation: Mutation, before: str, after: str) -> None:
    """These have one outcome."""
    assert new_lines(mutation, scheduler(before)) == {after}


def test_a_few_only() -> None:
    """A loop over work is cut after some."""
    lines = new_lines(limit_loop, JOBS)
    assert "for job in list(list(queue))[:3]:" in lines


def test_one_queue_for_all() -> None:
    """Queues apart become one, kept in a table or in attributes."""
    assert "s.others = s.urgent" in new_lines(share_queue, JOBS)
    table = scheduler("s.queues = {name: [] for name in NAMES}")
    assert new_lines(share_queue, table) == {"s.queues = dict.fromkeys(NAMES, [])"}
