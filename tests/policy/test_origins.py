"""Tests of what of the outside world a name or an attribute stands for."""

from __future__ import annotations

import ast

import pytest

from evo.policy.origins import Origins, is_local
from evo.policy.scopes import analyse


def origins(source: str) -> tuple[set[str], set[str]]:
    """What the argument of `look` may be, and what it surely is."""
    tree = ast.parse(source)
    known = Origins(analyse(tree), frozenset({"getattr", "type"}))
    [call] = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "look"
    ]
    return set(known.of(call.args[0])), set(known.certain(call.args[0]))


FOUND = {
    "import math\nlook(math)": "math",
    "import math as m\nlook(m.pi)": "math.pi",
    "import numpy.random\nlook(numpy.random.choice)": "numpy.random.choice",
    "import numpy.random as r\nlook(r)": "numpy.random",
    "import numpy as np\nlook(np.random)": "numpy.random",
    "import numpy as np\nlook(np.float64.x)": "",
    "from numpy import random as r\nlook(r.seed)": "numpy.random.seed",
    "from functools import wraps as w\nlook(w)": "functools.wraps",
    "def f():\n import math as m\n def g(): look(m)": "math",
    "import math as m\ndef f(m): look(m)": "",
    "def f():\n global m\n import math as m\nlook(m)": "math",
    "import math as m\nm = 1\nlook(m)": "math",
    "try: import math as m\nexcept ImportError: import cmath as m\nlook(m.pi)": "math.pi cmath.pi",
    "look(getattr)": "builtins.getattr",
    "def getattr(): pass\nlook(getattr)": "builtins.getattr",
    "def f(getattr): look(getattr)": "",
    "class C:\n type = 1\n look(type)": "builtins.type",
    "def f():\n from operator import add as getattr\nlook(getattr)": "builtins.getattr",
    "from operator import add as getattr\nlook(getattr)": "builtins.getattr operator.add",
    "look(x.y)": "",
}


@pytest.mark.parametrize(("source", "expected"), FOUND.items())
def test_found(source: str, expected: str) -> None:
    """Imports are followed by Python's rules of scope, and watched builtins unless a function has its own."""
    assert origins(source)[0] == set(expected.split())


@pytest.mark.parametrize(
    "source", ["import math as m\nm = 1\nlook(m)", "from math import pi\ndef pi(): pass\nlook(pi)"]
)
def test_uncertain(source: str) -> None:
    """A name that the policy binds in other ways too may be what is imported, but isn't surely so."""
    may, surely = origins(source)
    assert may
    assert not surely


def test_too_many_origins() -> None:
    """A name that is imported from everywhere is told, so that following it takes no time."""
    imports = "".join(f"from math import x{i} as a\n" for i in range(100))
    known = Origins(analyse(ast.parse(f"{imports}a\n")), frozenset())
    assert known.crowded.keys() == {"a"}


def test_what_a_function_owns() -> None:
    """Only names of functions can't turn out to be builtins: those of modules and classes are looked up further."""
    source = "len = 1\nclass C:\n len = 1\n len\ndef f(len): len\n[len for len in 'a']\nlen\nmax\n"
    uses = [use for use in analyse(ast.parse(source)).reads if use.node.id in {"len", "max"}]
    assert [is_local(use.scope, use.node.id) for use in uses] == [False, True, True, False, False]
