"""Tests of which texts an expression may be."""

from __future__ import annotations

import ast

import pytest

from evo.policy.literals import Literals
from evo.policy.scopes import analyse


def texts(source: str) -> frozenset[str] | None:
    """The texts of what is given to `look`, in a module."""
    tree = ast.parse(source)
    [call] = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "look"
    ]
    return Literals(tree, analyse(tree)).texts(call.args[0])


SEEN = {
    "look('a')": "a",
    "look('a' 'b')": "ab",
    "look('a' + 'b')": "ab",
    "look('a' if x else 'b')": "a b",
    "look(None or 'a')": None,
    "look('' or 'a')": " a",
    "n = 'a'\nlook(n)": "a",
    "n = 'a'\nif x: n = 'b'\nlook(n)": "a b",
    "n = m = 'a'\nlook(m)": "a",
    "n, m = 'a', 'b'\nlook(m)": "b",
    "n: str = 'a'\nlook(n)": "a",
    "look(n := 'a')": None,
    "(n := 'a')\nlook(n)": "a",
    "for k in 'cpu', 'ram': look(f'avail_{k}_pool')": "avail_cpu_pool avail_ram_pool",
    "for k in ['a', 'b']: look(k)": "a b",
    "for k in sorted({'a', 'b'}): look(k)": "a b",
    "for i, k in enumerate(('a', 'b')): look(k)": "a b",
    "for k, d in (('a', 0), ('b', 1)): look(k)": "a b",
    "for k, d in {'a': 0, 'b': 1}.items(): look(k)": "a b",
    "D = {'x': 'a', 'y': 'b'}\nlook(D[x])": "a b",
    "D = {'x': 'a', 'y': 'b'}\nlook(D.get(x, 'c'))": "a b c",
    "D = {'x': 'a'}\nfor v in D.values(): look(v)": "a",
    "T = ('a', 'b')\nprint(T)\nfor k in T: look(k)": "a b",
    "T = ['a', 'b']\nfor k in T: look(k)\nlen(T)": "a b",
    "x = [look(k) for k in ('a', 'b')]": "a b",
    "def f(n): look(n)\nf('a')\nf(n='b')": "a b",
    "def f(x, n='a'): look(n)\nf(1)\nf(1, 'b')": "a b",
    "def f(x, *n):\n for k in n: look(k)\nf(1, 'a', 'b')": "a b",
    "def f(n):\n look(n)\n f(n)\nf('a')": "a",
    "def g(n): look(n)\ndef f(n): g(n)\nf('a')": "a",
    "class C:\n def f(self, n): look(n)\nC().f('a')": "a",
    "class C:\n @staticmethod\n def f(n): look(n)\nC.f('a')": None,
    "class C:\n def __getattr__(self, n): look(n)": "",
}


@pytest.mark.parametrize(("source", "expected"), SEEN.items())
def test_seen(source: str, expected: str | None) -> None:
    """What can be seen is known, all of it."""
    wanted = None if expected is None else frozenset(expected.split(" ") if expected else ())
    assert texts(source) == wanted


UNKNOWN = [
    "look(1)",
    "look(x)",
    "look(b'a')",
    "look(str('a'))",
    "look('a'[0])",
    "look(f'{x}')",
    "look('a' * 2)",
    "n = 'a'\nn += 'b'\nlook(n)",
    "n = 'a'\nn = n + 'b'\nlook(n)",
    "n = 'a'\nfor n in x: pass\nlook(n)",
    "n = 'a'\nwith x as n: pass\nlook(n)",
    "n = 'a'\nimport n\nlook(n)",
    "n = 'a'\ndef f():\n global n\n n = x\nlook(n)",
    "n = 'a'\nmatch x:\n case n: look(n)",
    "T = ['a']\nT.append(x)\nfor k in T: look(k)",
    "T = ['a']\nT[0] = x\nfor k in T: look(k)",
    "T = ['a']\nU = T\nfor k in T: look(k)",
    "T = ['a']\nf(T)\nfor k in T: look(k)",
    "T = ['a']\nT += x\nfor k in T: look(k)",
    "T = ['a', *x]\nfor k in T: look(k)",
    "T = (['a'],)\nT[0][0] = x\nfor k, in T: look(k)",
    "D = {'a': 'b', **x}\nlook(D[x])",
    "D = {'a': 'b'}\nD['a'] = x\nlook(D['a'])",
    "D = {'a': 'b'}\nD.update(x)\nlook(D['a'])",
    "def list(x): return y\nfor k in list(('a',)): look(k)",
    "def f(n): look(n)\nf(x)",
    "def f(n): look(n)\nf('a')\ng = f",
    "def f(n): look(n)\nf(*x)",
    "def f(n): look(n)\nf(**x)",
    "def f(n): look(n)\nf('a')\nf = 1",
    "@d\ndef f(n): look(n)\nf('a')",
    "def f(n): look(n)\nlist(map(f, x))",
    "def f(n):\n n = x\n look(n)\nf('a')",
    "f = lambda n: look(n)\nf('a')",
    "class C:\n def f(self, n): look(n)\nC().f('a')\ng = C().f",
    "class C:\n def f(self, n): look(n)\nC.f(x, 'a')",
    "class C:\n def f(self, n): look(n)\n g = f",
    "class C:\n def __call__(self, n): look(n)",
    "class C:\n @d\n def __getattr__(self, n): look(n)",
    "class C:\n def __getattr__(self, n, m): look(m)",
    "def __getattr__(self, n): look(n)\n__getattr__(1, x)",
]


@pytest.mark.parametrize("source", UNKNOWN)
def test_unknown(source: str) -> None:
    """Where another text could come in, nothing is known."""
    assert texts(source) is None


def test_work_is_bounded() -> None:
    """Names that are put together from each other, again and again, end in nothing known instead of much work."""
    doubling = "n0 = 'a'\n" + "".join(f"n{i + 1} = n{i} + n{i}\n" for i in range(60)) + "look(n60)"
    assert texts(doubling) is None
    choices = "".join(f"n{i} = 'a{i}' if x else 'b{i}'\n" for i in range(30))
    assert texts(f"{choices}look({' + '.join(f'n{i}' for i in range(30))})") is None
