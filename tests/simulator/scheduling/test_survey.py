"""Names get their full meaning where they can only have one."""

from __future__ import annotations

import ast
import textwrap

import pytest

from evo.simulator.scheduling.survey import Survey

SOURCE = textwrap.dedent(
    """
    import math
    import collections as c, random
    from heapq import heappush as push
    from eudoxia.executor.assignment import Suspend
    from itertools import chain
    import time
    time = 3
    LIMIT = 4
    def helper(x): pass
    def twice(): pass
    def twice(): pass
    class Job: pass
    def f(s, sorted, len=len):
        global LIMIT
        max = s
        def inner(): return here
    """
)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("math.floor", "math.floor"),
        ("c.deque", "collections.deque"),
        ("random", "random"),
        ("push", "heapq.heappush"),
        ("Suspend", "eudoxia.Suspend"),
        ("Assignment", "eudoxia.Assignment"),
        ("List", "typing.List"),
        ("chain.from_iterable", "itertools.chain.from_iterable"),
        ("min", "builtins.min"),
        ("dict.fromkeys", "builtins.dict.fromkeys"),
        ("max", None),
        ("sorted", None),
        ("len", None),
        ("time", None),
        ("time.time", None),
        ("LIMIT", None),
        ("helper", None),
        ("s.floor", None),
        ("unheard_of", None),
        ("f(1)", None),
    ],
)
def test_full_names(text: str, meaning: str | None) -> None:
    """Inside a function, its own names hide the module's, and the module's hide the builtins."""
    tree = ast.parse(SOURCE.replace("here", text))
    survey = Survey(tree)
    inner = next(n for n in ast.walk(tree) if isinstance(n, ast.Return))
    assert inner.value is not None
    assert survey.meaning(inner.value, survey.scopes.around(inner.value)) == meaning


def test_the_policys_own_names() -> None:
    """A function or class is known if its name is bound once."""
    survey = Survey(ast.parse(SOURCE))
    found = {
        name: survey.defined(ast.Name(name, ast.Load()), survey.module)
        for name in ("helper", "twice", "Job", "f", "x")
    }
    assert [name for name, node in found.items() if node is not None] == ["helper", "Job", "f"]


def test_stored_attributes() -> None:
    """Every way of giving an attribute a value in the source."""
    survey = Survey(
        ast.parse(
            "s.a = 1\ndel s.b\nfor s.c in x: pass\nsetattr(s, 'd', 1)\nclass J:\n    e = 1\n    f: int\n"
            "    def g(self): pass\n    @property\n    def h(self): pass\nT = namedtuple('T', 'i, j')\ns.k.l"
        )
    )
    assert survey.stored >= set("abcdefhij")
    assert survey.stored.isdisjoint("gkl")


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("import logging\nlogging.getLogger().info('')", True),
        ("from logging import getLogger", True),
        ("import logging\nlogging.basicConfig()", False),
        ("import logging\nL = logging.getLogger()\nL.addHandler(1)", False),
        ("from logging import Handler", False),
        ("x = 1", False),
    ],
)
def test_plain_logging(source: str, *, plain: bool) -> None:
    """Writing messages is harmless unless somebody of the policy's listens."""
    assert Survey(ast.parse(source)).logs_plainly is plain
