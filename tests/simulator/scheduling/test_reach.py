"""A source that might reach Python's own machinery is known by what it names."""

from __future__ import annotations

import ast

import pytest

from evo.simulator.scheduling.reach import reaches


@pytest.mark.parametrize(
    "module",
    [
        "import sys",
        "import gc, threading",
        "from statistics import sys",
        "import collections\ncollections.abc.sys.settrace(print)",
        "from collections import abc\nm = abc\nm.sys",
        "import random\nr = random\nr._os",
        "from numpy import lib",
        "eval('1')",
        "globals()['len'] = print",
        "__builtins__['len'] = print",
        "x = (lambda: 0).__code__",
        "f = getattr\nf(print, 'a')",
        "name = 'x'\ngetattr(print, name, 0)",
        "getattr(print, '__self__')",
        "g = (x for x in ())\ngetattr(g, 'gi_frame')",
        "g = (x for x in ())\nmatch g:\n    case object(gi_frame=f): pass",
        "import operator\noperator.attrgetter('gi_frame.f_back')",
        "import operator\nget = operator.attrgetter",
        "import operator\noperator.attrgetter(*['gi_frame'])",
        "def meddle(s): setattr(s, 'algo_func', print)",
    ],
)
def test_sources_that_might_see_calls_from_outside(module: str) -> None:
    """With tracing, frames or code objects at hand, even a function that does nothing may have an effect."""
    assert reaches(ast.parse(module))


@pytest.mark.parametrize(
    "module",
    [
        '"""About __init__, evo_things and algo_func."""',
        "import math, random, itertools, numpy as np\nx = np.random.default_rng(3)\nmath.floor(random.random())",
        "from collections import deque, defaultdict\nfrom eudoxia.utils import *",
        "from bisect import bisect\nfrom copy import copy\nf = copy",
        "x = getattr(y, 'size', 0)\nimport operator\nf = operator.attrgetter('a.b', 'c')",
        "s.queue = s.signal\nclass C:\n    def __init__(self): self._x = 1",
    ],
)
def test_ordinary_sources_reach_nothing(module: str) -> None:
    """What policies commonly import and use is not suspected."""
    assert not reaches(ast.parse(module))
