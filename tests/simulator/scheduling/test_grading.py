"""How much is known of a value, from the text alone."""

from __future__ import annotations

import ast
import textwrap

import pytest

from evo.simulator.scheduling.grading import Grades
from evo.simulator.scheduling.purity import FRESH, NUMBER, SCALAR, UNKNOWN
from evo.simulator.scheduling.survey import Survey

MODULE = """
from collections import deque, defaultdict
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple
import math
TABLE = [1]
def made(s): return [s]
def counted(s): return len(s)
def passed(s): return s
def either(s):
    if s: return [s]
    return TABLE
def lazily(s): yield s
def first(s): return second(s)
def second(s): return [first(s)]
class Job:
    def __init__(self): pass
class Old(Job): pass
class Colour(Enum): RED = 1
class Row(NamedTuple): a: int
@dataclass
class Data: a: int
def f(s, *rest, a=1, **more):
{body}
"""


def grade(body: str, extra: str = "") -> int:
    """How much is known of `x` in a function with this body."""
    source = extra + MODULE.format(body=textwrap.indent(textwrap.dedent(body), "    "))
    survey = Survey(ast.parse(source))
    Grades(survey)
    (scope,) = [s for s in survey.scopes.all if getattr(s.node, "name", "") == "f"]
    return scope.levels["x"]


@pytest.mark.parametrize(
    ("body", "level"),
    [
        ("x = 1", NUMBER),
        ("x = -1.5 + 2 * len(s)", NUMBER),
        ("x = 'a'", SCALAR),
        ("x = f'{s}'", SCALAR),
        ("x = None", SCALAR),
        ("x = []", FRESH),
        ("x = [p for p in s]", FRESH),
        ("x = {**s}", FRESH),
        ("x = s + s", FRESH),
        ("x = s[1:]", FRESH),
        ("x = list(s)", FRESH),
        ("x = deque(s)", FRESH),
        ("x = s.copy()", FRESH),
        ("x = sum(s)", FRESH),
        ("x = Job()", FRESH),
        ("x = Old()", FRESH),
        ("x = Row(1)", FRESH),
        ("x = Data(1)", FRESH),
        ("x = made(s)", FRESH),
        ("x = lazily(s)", FRESH),
        ("x = first(s)", FRESH),
        ("x = counted(s)", NUMBER),
        ("x = s == 1", NUMBER),
        ("x = max(1, int(s))", NUMBER),
        ("x = math.floor(s)", NUMBER),
        ("for x in range(3): pass", NUMBER),
        ("for x, y in enumerate(s): pass", NUMBER),
        ("x, y = [], s", FRESH),
        ("y, *x = s", FRESH),
        ("x = 0\nx += s", FRESH),
        ("x = 0\nx += 1", NUMBER),
        ("x = y = []", FRESH),
        ("y = []\nx = y", FRESH),
        ("x = [] if s else {}", FRESH),
        ("x = s", UNKNOWN),
        ("x = s.a", UNKNOWN),
        ("x = s[1]", UNKNOWN),
        ("x = [s][0]", UNKNOWN),
        ("x = [s].pop()", UNKNOWN),
        ("x = s or []", UNKNOWN),
        ("x = [] if s else s", UNKNOWN),
        ("x = []\nx = s", UNKNOWN),
        ("x = []\nif s:\n    for x in s: pass", UNKNOWN),
        ("x = []\n[x for x in s]", UNKNOWN),
        ("x = []\nwith s as x: pass", UNKNOWN),
        ("x = []\ntry: pass\nexcept ValueError as x: pass", UNKNOWN),
        ("x = []\nimport x", UNKNOWN),
        ("x = []\ndef x(): pass", UNKNOWN),
        ("x = []\nmatch s:\n    case [x, *_]: pass", UNKNOWN),
        ("x = []\nmatch s:\n    case {**x}: pass", UNKNOWN),
        ("x = (x := s)", UNKNOWN),
        ("x = min(s)", UNKNOWN),
        ("x = min(1, s)", UNKNOWN),
        ("x = sum(s, [])", UNKNOWN),
        ("x = max(s, s, key=len)", UNKNOWN),
        ("x = TABLE", UNKNOWN),
        ("x = rest", UNKNOWN),
        ("x = a", UNKNOWN),
        ("x = passed(s)", UNKNOWN),
        ("x = either(s)", UNKNOWN),
        ("x = Colour(1)", UNKNOWN),
        ("x = s.list()", UNKNOWN),
        ("y = s\nx = y\ny = []", UNKNOWN),
        ("x, y = s", UNKNOWN),
        ("x = lambda: 1", UNKNOWN),
        ("list = s\nx = list(s)", UNKNOWN),
    ],
)
def test_grades(body: str, level: int) -> None:
    """A name is as fresh as the least fresh value it is ever bound to."""
    assert grade(body) == level


def test_arrays_share_what_lists_copy() -> None:
    """Where numpy is at work a slice is a view, and a comparison an array."""
    assert grade("x = s[1:]", "import numpy as np\n") == UNKNOWN
    assert grade("x = s == 1", "import numpy as np\n") == FRESH


def test_own_comparisons_may_give_anything() -> None:
    """A policy's own `__lt__` need not give a bool."""
    assert grade("x = s < 1", "class C:\n    def __lt__(self, other): return other\n") == UNKNOWN


def test_methods_of_the_policy_hide_known_ones() -> None:
    """`copy` is fresh only if nobody in the source defines or stores a `copy`."""
    assert grade("x = s.copy()", "class C:\n    def copy(self): return self\n") == UNKNOWN
    assert grade("x = s.copy()\ns.copy = s.other") == UNKNOWN


@pytest.mark.parametrize(
    ("extra", "level"),
    [
        ("@other\nclass C: pass\n", UNKNOWN),
        ("class C(other): pass\n", UNKNOWN),
        ("class C(ValueError): pass\n", FRESH),
        (
            "from dataclasses import dataclass, field\n@dataclass\nclass C:\n    a: list = field(default_factory=list)\n",
            FRESH,
        ),
        (
            "from dataclasses import dataclass, field\n@dataclass\nclass C:\n    a: int = field(default_factory=T.pop)\n",
            UNKNOWN,
        ),
        (
            "from dataclasses import dataclass\n@dataclass\nclass C:\n    a: int = other(default_factory=list)\n",
            UNKNOWN,
        ),
    ],
)
def test_objects_made_anew(extra: str, level: int) -> None:
    """A class makes a new object if it is plain, or a dataclass whose defaults can be seen."""
    assert grade("x = C()", extra) == level
