"""A policy's source becomes running code, and its faults name its own lines."""

from __future__ import annotations

import pytest

from evo.simulator.messages import LIMITS, Fault, Observation
from evo.simulator.scheduling.host import Host
from tests.simulator.scheduling.facade import NO_MEMORY, PARAMETERS, called, policy, started


def fault_of(source: str) -> Fault:
    """The fault with which a policy fails to start."""
    fault = Host(source, "x").start(dict(PARAMETERS), lambda tick: NO_MEMORY)
    assert fault is not None
    return fault


def test_dataclasses_with_postponed_annotations_work() -> None:
    """The standard library looks up the module of a class; there is one."""
    started(
        policy(
            "return [], []",
            "assert Job(1).ops == []",
            "from __future__ import annotations\n"
            "from dataclasses import dataclass, field\n"
            "@dataclass\nclass Job:\n    size: int\n    ops: list[int] = field(default_factory=list)\n",
        )
    )


def test_a_policy_is_not_the_main_module() -> None:
    """What a file does when run by itself is not done."""
    started(policy("return [], []", module="if __name__ == '__main__':\n    raise SystemExit\n"))


@pytest.mark.filterwarnings("error")
def test_a_policys_style_raises_no_warnings() -> None:
    """Python's warnings about a source are not ours."""
    started(policy("return [], []", module="x = '\\d'\ny = 1 is 1\n"))


@pytest.mark.parametrize(
    ("source", "kind", "line"),
    [
        ("x = (", "SyntaxError", 1),
        ("\n\nreturn 1", "SyntaxError", 3),
        ("import no_such_module", "ModuleNotFoundError", 1),
        ("def f():\n    return 1 / 0\n\nf()", "ZeroDivisionError", 2),
        ("raise SystemExit(3)", "SystemExit", 1),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", 1),
        ("\nraise MemoryError", "MemoryError", 2),
        ("def f(): f()\nf()", "RecursionError", 1),
        ("pass", "ValueError", None),
        ("x = 1\0", "SyntaxError", None),
    ],
)
def test_a_policy_that_fails_to_load_is_a_fault(source: str, kind: str, line: int | None) -> None:
    """Whatever is raised while the module runs is a fault of the start, with the deepest line of the policy."""
    fault = fault_of(source)
    assert fault.phase == "init"
    assert fault.kind in {kind, "ValueError"}  # a null byte is a ValueError in older Pythons
    assert fault.line == line


def test_a_key_that_was_not_registered() -> None:
    """The message lists what was."""
    fault = fault_of(policy("return [], []").replace("'x'", "'y'"))
    assert fault.message == "Scheduler 'x' not available.  Options: ['y']'"


def test_blame_falls_on_the_policys_deepest_line() -> None:
    """An error inside evo's own objects is blamed on the line that called them."""
    source = policy("ops = list(pipelines[0].values)\nAssignment(ops, 0, 1, None, 0, 'p')\nreturn [], []")
    (reply,) = called(source.replace("pipelines[0].values", "[1]"), Observation(0, 0))
    line = next(n for n, text in enumerate(source.splitlines(), 1) if "Assignment(" in text)
    assert reply.fault == Fault(
        "policy", "AssertionError", "must assign positive CPU allocation, got 0", line, action=True
    )


@pytest.mark.parametrize(
    ("body", "action"),
    [
        ("Assignment([], 1, 1, None, 0, 'p')", True),
        ("Assignment([object()], 1, 1, None, 0, 'p')", True),
        ("Assignment()", False),
        ("return None", True),
        ("return [], [1]", True),
        ("return (x for x in ())", True),
        ("return 1 / 0", False),
        ("type('time', (Exception,), {})\nraise type('time', (Exception,), {})", False),
    ],
)
def test_faults_of_actions_are_told_from_others(body: str, action: bool) -> None:
    """What can't be made an action of is set apart from what goes wrong in between; no name passes for a limit."""
    (reply,) = called(policy(f"{body}\nreturn [], []"), Observation(0, 0))
    assert reply.fault is not None
    assert reply.fault.action is action
    assert reply.fault.kind not in LIMITS


def test_an_error_that_can_not_be_told_has_no_text() -> None:
    """An exception of the policy's own may fail when it is turned into text, or be endless."""
    broken = policy("raise E\n", module="class E(Exception):\n    def __str__(self): raise ValueError\n")
    (reply,) = called(broken, Observation(0, 0))
    assert reply.fault is not None
    assert (reply.fault.kind, reply.fault.message) == ("E", "")
    (reply,) = called(policy("raise ValueError('x' * 10**6)"), Observation(0, 0))
    assert reply.fault is not None
    assert len(reply.fault.message) == 2000
