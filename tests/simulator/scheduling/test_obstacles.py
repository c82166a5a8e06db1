"""What makes a policy impossible to prove idle is named with its line."""

from __future__ import annotations

import ast

import pytest

from evo.simulator.scheduling.obstacles import obstacles
from evo.simulator.scheduling.survey import Survey


def named(source: str) -> str | None:
    """The first obstacle in a source."""
    return next(obstacles(Survey(ast.parse(source))), None)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import math\nimport threading", "line 2: imports threading"),
        ("from os import path", "line 1: imports os"),
        ("from . import x", "line 1: imports ."),
        ("from random import _os", "line 1: imports _os from random"),
        ("from logging import sys", "line 1: imports sys from logging"),
        ("from math import *", "line 1: imports * from math"),
        ("import logging\nlogging.threading", "line 2: uses .threading"),
        ("import collections.abc\ncollections.abc.sys", "line 2: uses .sys"),
        ("from collections import abc\nabc.sys", "line 2: uses .sys"),
        ("from collections import abc\nm = abc", "line 2: hands the module abc around"),
        ("match x:\n    case object(gi_frame=f): pass", "line 2: uses .gi_frame"),
        ("import random\nm = random", "line 2: hands the module random around"),
        (
            "try:\n    import random as r\nexcept ImportError:\n    r = 1\nf(r)",
            "line 4: hands the module r around",
        ),
        ("exec('')", "line 1: uses exec"),
        ("vars(x)", "line 1: uses vars"),
        ("__builtins__", "line 1: uses __builtins__"),
        ("x.__dict__", "line 1: uses .__dict__"),
        ("x.evo_watch", "line 1: uses .evo_watch"),
        ("__evo_touch__", "line 1: uses __evo_touch__"),
        ("getattr(x, '__dict__')", "line 1: a text that may name what is hidden"),
        ("x.__init__()", "line 1: uses .__init__"),
        ("class C:\n    def __call__(self): pass", "line 2: defines __call__"),
        ("class C:\n    __add__ = f", "line 2: uses __add__"),
        ("class C:\n    @cache\n    def f(self): pass", "line 3: decorates the method f"),
        ("class C(metaclass=M): pass", "line 1: a metaclass"),
        ("async def f(): pass", "line 1: asynchronous code"),
        ("type('C', (), {})", "line 1: makes a class at run time"),
        ("t = type", "line 1: hands type around"),
        ("setattr(x, y, 1)", "line 1: names attributes at run time"),
        ("s = setattr", "line 1: hands setattr around"),
        ("import collections\ncollections.namedtuple('T', fields)", "line 2: names attributes at run time"),
        ("iter(f, None)", "line 1: an iterator that calls"),
        ("def f(x, y):\n    x.it = iter(y)", "line 2: an iterator that may live on"),
        ("from itertools import groupby", "line 1: imports groupby from itertools"),
        ("from eudoxia.workload import Pipeline\nPipeline.log = []", "line 2: sets .log while it is loaded"),
        ("f.cache_info()", "line 1: uses .cache_info"),
    ],
)
def test_obstacles(source: str, reason: str) -> None:
    """Each is found, wherever in the source it stands."""
    if source.startswith("try"):
        reason = reason.replace("line 4", "line 5")
    assert named(source) == reason


@pytest.mark.parametrize(
    "source",
    [
        '"""About __init__ and evo_things."""',
        "import numpy as np, random, time, logging, uuid\nfrom collections import abc\nnp.random.default_rng()",
        "from eudoxia.utils import *",
        "class C:\n    __slots__ = ('a',)\n    def __init__(self):\n        super().__init__()\n    def __lt__(self, o): return True",
        "class C:\n    @property\n    def f(self): pass\n    @f.setter\n    def f(self, x): pass\n    @staticmethod\n    def g(): pass",
        "type(x).__name__",
        "setattr(x, 'y', 1)",
        "from typing import NamedTuple\nclass T(NamedTuple): a: int",
        "from collections import namedtuple\nT = namedtuple('T', ['a', 'b'])",
    ],
)
def test_no_obstacles(source: str) -> None:
    """Ordinary sources have none."""
    assert named(source) is None
