"""Iterators that could outlive a call are found."""

from __future__ import annotations

import ast

import pytest

from evo.simulator.scheduling.iterators import Iterators
from evo.simulator.scheduling.survey import Survey

HEAD = "import itertools, heapq, functools\nfrom itertools import chain, repeat\ndef gen(x):\n    yield x\nclass C:\n    def each(self):\n        yield 1\n"


def escaping(body: str) -> list[str]:
    """The escaping expressions in a function with this body."""
    survey = Survey(ast.parse(f"{HEAD}def f(s, q):\n    " + body.replace("\n", "\n    ")))
    return [ast.unparse(node) for node in Iterators(survey).escaping()]


@pytest.mark.parametrize(
    "body",
    [
        "for x in iter(q): pass",
        "for i, x in enumerate(zip(q, map(str, reversed(q)))): pass",
        "[x for x in gen(q)]",
        "list(x for x in q)",
        "max((x for x in q), default=None)",
        "next((x for x in q if x), None)",
        "a, b = zip(q, q)",
        "print(*gen(q))",
        "1 in gen(q)",
        "x = gen(q)\nfor y in x: pass\nz = next(x)",
        "its = [iter(p) for p in q]\nnext(its[0])\nlen(its)",
        "s.q.extend(x for x in q)",
        "', '.join(str(x) for x in q)",
        "for x in (gen(q) if s else map(str, q)): pass",
        "for x in s.c.each(): pass",
        "sum(itertools.chain.from_iterable(q))",
        "for x in chain(gen(q), q): pass",
        "yield from gen(q)",
        "gen(q)",
        "s.ids = itertools.count()",
        "functools.reduce(max, gen(q))",
        "x = iter(q)\nx = [1]\nfor y in x: pass",
    ],
)
def test_used_up_in_the_call(body: str) -> None:
    """Read on the spot, or through a local name that is only read."""
    assert escaping(body) == []


@pytest.mark.parametrize(
    "body",
    [
        "s.it = iter(q)",
        "s.q.append(gen(q))",
        "return gen(q)",
        "return (x for x in q)",
        "x = iter(q)\ns.it = x",
        "x = iter(q)\nq[0] = x",
        "x = iter(q)\nreturn x",
        "x = iter(q)\nother(x)",
        "x = iter(q)\ndef g(): return next(x)",
        "x = iter(q)\ny = lambda: next(x)",
        "x = [iter(p) for p in q]\ns.its = x",
        "x = [iter(p) for p in q]\ny = x[0]\ns.it = y",
        "x = [iter(p) for p in q]\nfor y in x: pass",
        "s.its = [iter(p) for p in q]",
        "its = [iter(q)]",
        "its = {1: gen(q)}",
        "global x\nx = iter(q)",
        "nonlocal_ = lambda: iter(q)",
        "f = iter\nf(q)",
        "map(iter, q)",
        "g = gen\ng(q)",
        "g = s.c.each\ng()",
        "other(x for x in q)",
        "s.it = max(iter(q), iter(q), key=str)",
        "s.it = next(iter([]), iter(q))",
        "s.it = sum([], iter(q))",
        "for x in repeat(iter(q)): s.it = x",
        "dict.fromkeys(q, iter(q))",
        "dict(a=iter(q))",
        "functools.reduce(max, [], iter(q))",
        "s.it, y = iter(q), 1",
        "class D:\n    it = iter(q)",
        "(x := iter(q))",
        "s.f = chain",
        "def default(x=iter([1])): next(x)",
    ],
)
def test_escaping(body: str) -> None:
    """Stored, returned, captured, handed on or only possibly so."""
    assert escaping(body)
