"""Tests that mending changes no decision: where clocks and files are there, the refused policy does as the mended one."""

from __future__ import annotations

import builtins
import io
from types import SimpleNamespace
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from evo.errors import PolicyError
from evo.policy import parse
from evo.variation.mending import mended
from tests.variation.mending.samples import GOOD, LOOP, with_line

STATEMENTS = [
    "t = time.time()",
    "print(t)",
    "u = t - 1",
    "del t",
    "k = 1",
    "s.t = time.time()",
    "s.u = s.t",
    "print(s.u)",
    "assert t, k",
    "t += time.time()",
    "print(time.time(), len(s.queue))",
    "if t > 1:\n    print(t)\n    u = 2",
    "if s.ram:\n    t = 3\nelse:\n    t = time.time()",
    "if k:\n    print(time.time())\n    k = 2",
    "if t:\n    print(1)\nelse:\n    s.queue.pop()",
    "with open('log', 'a') as f:\n    f.write(str(t))",
    "with open('log') as k:\n    k.write(str(t))\n    s.b = 1",
    "try:\n    t = open('log')\nexcept OSError:\n    t = None",
    "for t in s.queue:\n    print(t)",
    "for k in s.queue:\n    print(k, time.time())",
    "k = s.queue\nk.append(t)",
    "def tick():\n    nonlocal t\n    t = 2",
    "s.queue.append(t)",
    "s.queue.append(k)",
    "s.queue.append(len(s.queue))",
    "s.queue = sorted(s.queue)[::-1]",
    "return [], []",
]
"""Measurements, what is made of them, and decisions, which may go together or not."""


def decisions(text: str) -> list[str] | None:
    """What a policy does in three rounds with clocks and files at hand; None if it fails."""
    clock = SimpleNamespace(time=lambda: 5.0)
    names: dict[str, Any] = dict.fromkeys(
        ("register_scheduler", "register_scheduler_init"), lambda key: lambda function: function
    )
    served = {"__import__": lambda *_: clock, "open": lambda *_: io.StringIO(), "print": lambda *_: None}
    names["__builtins__"] = vars(builtins) | served
    s = SimpleNamespace(executor=SimpleNamespace(pools=[]))
    done: list[str] = []
    try:
        exec(compile(text, "policy", "exec"), names)
        names["init"](s)
        done += [f"{names['schedule'](s, [], [3, 1, 2])} {s.queue}" for _ in range(3)]
    except (SyntaxError, NameError, AttributeError, TypeError, AssertionError, IndexError, ValueError):
        return None
    return done


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=6))
@example([STATEMENTS[0], STATEMENTS[2], STATEMENTS[1], STATEMENTS[3]])
@example([STATEMENTS[0], STATEMENTS[15], STATEMENTS[11]])
def test_no_decision_changes(statements: list[str]) -> None:
    """Whatever goes, the queue and the answers stay the same in every round."""
    text = "import time\n" + with_line("\n".join(statements), LOOP, GOOD)
    before = decisions(text)
    try:
        parse(text)
    except PolicyError as error:
        found = mended(text, error)
    else:
        return
    if before is not None and found is not None:
        assert decisions(found.source) == before


def test_some_are_mended() -> None:
    """Each measurement by itself is mended, and decides as before."""
    for statement in ("t = time.time()\nprint(t)", STATEMENTS[5], "t = 0\n" + STATEMENTS[11], STATEMENTS[19]):
        text = "import time\n" + with_line(statement)
        found = mended(text, PolicyError("time may not be imported", 1, "forbidden"))
        assert found is not None
        assert decisions(found.source) == decisions(text) is not None
