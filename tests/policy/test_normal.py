"""Tests of the normal form: what changes the hash and what doesn't."""

from __future__ import annotations

import ast
import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo.policy import parse
from evo.policy.contract import registrations
from evo.policy.gate import read
from evo.policy.keywords import Kept
from evo.policy.normal import fingerprint
from evo.policy.scopes import Kind, Scope, analyse

from .samples import SHORT, SOURCES, body


def hashed(source: str) -> str:
    """The hash of a policy, be it allowed or not."""
    tree = read(source)
    return fingerprint(tree, registrations(tree), analyse(tree))


def statement_lines(tree: ast.Module) -> list[ast.stmt]:
    """The statements that begin a line of their own and aren't decorated."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and not getattr(node, "decorator_list", [])
    ]


@given(st.data())
@settings(max_examples=60)
def test_comments_blank_lines_and_docstrings(data: st.DataObject) -> None:
    """Comments, blank lines and docstrings, wherever they are put, are no part of a policy's identity."""
    source = data.draw(st.sampled_from(SOURCES))
    lines = source.split("\n")
    tree = ast.parse(source)
    elifs = {
        n.lineno
        for n in ast.walk(tree)
        if isinstance(n, ast.If) and lines[n.lineno - 1].strip().startswith("elif")
    }
    places = [node for node in statement_lines(tree) if node.lineno not in elifs]
    for node in sorted(
        data.draw(st.sets(st.sampled_from(places), min_size=1)), key=lambda node: -node.lineno
    ):
        pad = " " * node.col_offset
        extra = data.draw(st.sampled_from([f"{pad}# a comment", "", f"{pad}pass", f'{pad}"""Words."""']))
        lines.insert(node.lineno - 1, extra)
        if "#" not in lines[node.lineno]:
            lines[node.lineno] += data.draw(st.sampled_from(["", "  "]))
    assert parse("\n".join(lines)).hash == parse(source).hash


@pytest.mark.parametrize("source", SOURCES)
def test_formatting(source: str) -> None:
    """A policy written out anew from its syntax tree is the same policy."""
    assert parse(ast.unparse(ast.parse(source))).hash == parse(source).hash


class Rename(ast.NodeTransformer):
    """Renames one name of one function's scope."""

    def __init__(self, scopes: dict[ast.AST, Scope], owner: Scope, old: str) -> None:
        self.scopes, self.owner, self.old = scopes, owner, old
        self.scope = next(scope for scope in scopes.values() if scope.kind is Kind.MODULE)

    def new(self, name: str, scope: Scope) -> str:
        """The name as it is after the renaming."""
        return "renamed_0" if name == self.old and scope.owner(name) is self.owner else name

    def visit(self, node: ast.AST) -> ast.AST:
        """Rename in a node and below it; defaults and first iterables are looked up in the same scopes here."""
        around = self.scope
        inner = self.scopes.get(node, around)
        if isinstance(node, ast.FunctionDef):
            node.name = self.new(node.name, around)
        if isinstance(node, ast.arg):
            node.arg = self.new(node.arg, around)
        if isinstance(node, ast.Name):
            node.id = self.new(node.id, around)
        self.scope = inner
        self.generic_visit(node)
        self.scope = around
        return node


@given(st.data())
@settings(max_examples=80)
def test_local_names(data: st.DataObject) -> None:
    """Renaming a local variable or parameter keeps the hash, unless its name is passed by keyword."""
    source = data.draw(st.sampled_from(SOURCES))
    tree = ast.parse(source)
    scopes = analyse(tree)
    kept = Kept(tree, scopes)
    inner = {Kind.FUNCTION, Kind.COMPREHENSION}
    choices = [
        (owner, name)
        for owner in scopes.of.values()
        if owner.kind in inner
        for name in sorted(owner.bound)
        if not kept.keeps(name, owner)
    ]
    owner, name = data.draw(st.sampled_from(choices))
    Rename(scopes.of, owner, name).visit(tree)
    changed = ast.unparse(tree)
    assert "renamed_0" in changed
    assert parse(changed).hash == parse(source).hash


COMPARISONS: dict[type[ast.cmpop], ast.cmpop] = {ast.Lt: ast.LtE(), ast.Gt: ast.GtE(), ast.Eq: ast.NotEq()}
OPERATORS: dict[type[ast.operator], ast.operator] = {ast.Add: ast.Sub(), ast.Mult: ast.Div()}


def changed(node: ast.AST) -> bool:
    """Change the meaning of one node in place, if it is of a kind that this knows to change."""
    match node:
        case ast.Constant(value=bool(value)):
            node.value = not value
        case ast.Constant(value=int(number) | float(number)):
            node.value = number + 1
        case ast.Constant(value=str(text)):
            node.value = text + "x"
        case ast.Attribute(ctx=ast.Load()):
            node.attr += "x"
        case ast.Call(args=[*args]):
            node.args = [*args, ast.Constant(7)]
        case ast.BinOp(op=op) if type(op) in OPERATORS:
            node.op = OPERATORS[type(op)]
        case ast.Compare(ops=[op]) if type(op) in COMPARISONS:
            node.ops = [COMPARISONS[type(op)]]
        case _:
            return False
    return True


@given(st.data())
@settings(max_examples=80)
def test_meaning(data: st.DataObject) -> None:
    """Another constant, operator, attribute or call is another policy."""
    source = data.draw(st.sampled_from(SOURCES))
    tree = ast.parse(source)
    idle = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    decorators = {
        part for node in ast.walk(tree) for d in getattr(node, "decorator_list", ()) for part in ast.walk(d)
    }
    nodes = [
        node
        for node in ast.walk(tree)
        if not (isinstance(node, ast.Constant) and node in idle)
        and node not in decorators
        and changed(copy.deepcopy(node))
    ]
    node = data.draw(st.sampled_from(nodes))
    changed(node)
    assert parse(ast.unparse(tree)).hash != parse(source).hash


SAME = {
    "the key": (SHORT, SHORT.replace('"short"', "'long'")),
    "key given by position": (SHORT, SHORT.replace("key=", "")),
    "annotations": (
        SHORT,
        SHORT.replace(
            "def schedule(s, results, pipelines):", "def schedule(s, results: List[int], pipelines) -> None:"
        ),
    ),
    "annotations of variables": (body("x = []\ns.y = x"), body("x: Nowhere = []\ns.y: list[Never] = x")),
    "postponed annotations": (
        "from __future__ import annotations\n" + SHORT,
        "from __future__ import annotations\n" + SHORT.replace("def init(s)", "def init(s: Nowhere)"),
    ),
    "parentheses": (body("x = 1 + 2 * 3"), body("x = (1 + ((2) * 3))")),
    "else without effect": (body("if results:\n    x = 1"), body("if results:\n    x = 1\nelse:\n    pass")),
    "names in closures": (
        body("a = 1\ndef f(b):\n    nonlocal a\n    a = b\n    return lambda c: a + c"),
        body("x = 1\ndef g(y):\n    nonlocal x\n    x = y\n    return lambda z: x + z"),
    ),
    "names of every kind": (
        body(
            "import math as m\ntry:\n    pass\nexcept E as e:\n    f(e, m)\nmatch s:\n    case [a, *b]:\n        f(a, b)"
        ),
        body(
            "import math as q\ntry:\n    pass\nexcept E as r:\n    f(r, q)\nmatch s:\n    case [t, *u]:\n        f(t, u)"
        ),
    ),
    "a parameter that no keyword names": (
        SHORT + "\n\ndef f(a, key):\n    return sorted(a, key=key)\n",
        SHORT + "\n\ndef f(b, how):\n    return sorted(b, key=how)\n",
    ),
}


@pytest.mark.parametrize(("left", "right"), SAME.values(), ids=SAME.keys())
def test_twins(left: str, right: str) -> None:
    """What can't make a difference makes none."""
    assert hashed(left) == hashed(right)


DIFFERENT = {
    "an annotation that fails": (SHORT, SHORT.replace("def init(s)", "def init(s: Nowhere)")),
    "a subscript that fails": (SHORT, SHORT.replace("def init(s)", "def init(s: int[str])")),
    "a later class": (SHORT, SHORT.replace("def init(s)", "def init(s: Job)") + "\n\nclass Job:\n    pass\n"),
    "a parameter passed by keyword": (
        SHORT + "\n\ndef f(a):\n    return a\n\n\nf(a=1)\n",
        SHORT + "\n\ndef f(b):\n    return b\n\n\nf(a=1)\n",
    ),
    "a parameter passed by an unknown call": (
        SHORT + "\n\nclass C:\n    def f(self, a):\n        return a\n\n\nC().f(a=1)\n",
        SHORT + "\n\nclass C:\n    def f(self, b):\n        return b\n\n\nC().f(a=1)\n",
    ),
    "parameters passed by two stars": (
        SHORT + "\n\ndef f(a, b):\n    return a\n\n\nf(**d)\n",
        SHORT + "\n\ndef f(b, a):\n    return b\n\n\nf(**d)\n",
    ),
    "locals seen": (body("a = 1\nprint(locals())"), body("b = 1\nprint(locals())")),
    "a name printed": (body("a = 1\nprint(f'{a=}')"), body("b = 1\nprint(f'{b=}')")),
    "swapped names": (body("a = 1\nb = 2\ns.c = a"), body("a = 1\nb = 2\ns.c = b")),
    "a local that hides a global": (body("len = 1\ns.c = len"), body("n = 1\ns.c = len")),
    "kinds of number": (body("s.x = 1"), body("s.x = 1.0")),
    "kinds of constant": (body("s.x = 1"), body("s.x = True")),
    "text and bytes": (body("s.x = 'a'"), body("s.x = b'a'")),
    "attributes of classes": (
        SHORT + "\n\nclass C:\n    a = 1\n",
        SHORT + "\n\nclass C:\n    b = 1\n",
    ),
    "order of statements": (body("s.a = 1\ns.b = 2"), body("s.b = 2\ns.a = 1")),
    "which argument is unpacked": (body("f(*results)"), body("f(results)")),
    "two imports": (body("import a.b\ns.x = a"), body("import a.b as a\ns.x = a")),
}


@pytest.mark.parametrize(("left", "right"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_no_twins(left: str, right: str) -> None:
    """What could make a difference makes one."""
    assert hashed(left) != hashed(right)


def test_the_form_is_fixed() -> None:
    """Saved runs compare by hash: this one may only change together with a note to users."""
    assert parse(SHORT).hash == "4340369bd8c2870f3cd2c1a75bdf82415796548522207ecaf4d48540510b5505"
