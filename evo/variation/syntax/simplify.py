"""What does nothing goes: dead statements, doubled conditions and bounds, sums of numbers, functions that nobody calls.

Only what surely changes nothing is touched. Variation piles such things up, and they are in the way of readers and
of the next change, which would fall on them in vain.
"""

from __future__ import annotations

import ast
import math
import operator
from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType

from evo.variation.syntax.draft import KEPT, Draft
from evo.variation.syntax.keys import joined, merged, sorting
from evo.variation.syntax.names import faults
from evo.variation.syntax.order import key_lambdas
from evo.variation.syntax.source import Change, Edit, expression

MOST_STEPS = 30

_JUMPS = (ast.Return, ast.Break, ast.Continue, ast.Raise)
_PURE = frozenset(
    {"len", "min", "max", "sum", "abs", "int", "float", "round", "list", "sorted", "tuple", "steps_left"}
    | {"runtime_status", "get_ops", "has_timed_out", "is_pipeline_successful", "failed", "state", "get"}
)
"""Calls that change nothing, by the last part of their name."""
_LONGEST = 12
_CALCULATIONS: MappingProxyType[type[ast.operator], Callable[[float, float], float]] = MappingProxyType(
    {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Mult: operator.mul,
        ast.Div: operator.truediv,
        ast.FloorDiv: operator.floordiv,
    }
)


@lru_cache(maxsize=KEPT)
def tidied(draft: Draft) -> tuple[Draft, tuple[str, ...]]:
    """A draft without what does nothing, and what went, in words."""
    known, told = faults(draft), list[str]()
    for _ in range(MOST_STEPS):
        for change in _changes(draft):
            after = draft.applied(change.edits)
            if after is not None and not faults(after) - known:
                draft = after
                told.append(" ".join(change.detail.split()))
                break
        else:
            break
    return draft, tuple(told)


def _changes(draft: Draft) -> Iterator[Change]:
    for rule in _RULES:
        yield from rule(draft)


def _blocks(draft: Draft) -> Iterator[Change]:
    """Statements that are never reached, or do nothing where they stand."""
    for block in draft.blocks:
        for first, second in pairwise(block):
            if isinstance(first, _JUMPS) and draft.function.get(first) is not None:
                yield from _without(draft, second, f"after `{draft.short(first)}`")
            elif draft.of(first) == draft.of(second) and _idempotent(first):
                yield from _without(draft, second, "a second time")
            else:
                yield from _sorted_twice(draft, first, second)
        for statement in block:
            idle = isinstance(statement, ast.Pass) and len(block) > 1
            match statement:
                case ast.If(test=test, body=[ast.Pass()], orelse=[]) if _pure(test):
                    idle = True
            if idle:
                yield from _without(draft, statement, "that does nothing")


def _sorted_twice(draft: Draft, first: ast.stmt, second: ast.stmt) -> Iterator[Change]:
    """One sort for two of the same queue, one right after the other."""
    former, later = sorting(first), sorting(second)
    place = draft.lines(first)
    if former is None or later is None or place is None or draft.of(former[0]) != draft.of(later[0]):
        return
    new = merged(draft, second, first)
    if new is not None and _pure(former[1].body) and _pure(later[1].body):
        words = f"`{draft.short(former[0])}` sorted once, by `{new}`"
        yield Change((Edit(*place, ""), draft.over(later[1].body, new)), words)


def _without(draft: Draft, statement: ast.stmt, why: str) -> Iterator[Change]:
    place = draft.lines(statement)
    if place is None or any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in ast.walk(statement)):
        return
    alone = len(draft.block(statement)) == 1
    text = f"{draft.indent(statement)}pass\n" if alone else ""
    if isinstance(statement, ast.Pass) and alone:
        return
    yield Change((Edit(*place, text),), f"without `{draft.short(statement)}` {why}")


def _idempotent(statement: ast.stmt) -> bool:
    """Whether doing a statement twice running is doing it once: a guard, or a sort."""
    match statement:
        case ast.If(test=test, body=[ast.Continue() | ast.Break() | ast.Return(value=None)], orelse=[]):
            return _pure(test)
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="sort"), args=[], keywords=words)):
            return all(_pure(word.value) for word in words)
    return False


def _pure(node: ast.AST) -> bool:
    """Whether evaluating an expression surely changes nothing."""
    for part in ast.walk(node):
        match part:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in _PURE:
                pass
            case ast.Call() | ast.NamedExpr() | ast.Await() | ast.Yield():
                return False
    return True


def _expressions(draft: Draft) -> Iterator[Change]:
    """Expressions that can be said shorter."""
    for node in draft.nodes:
        new = _shorter(draft, node)
        if new is not None and isinstance(node, ast.expr):
            yield Change((draft.put(node, new),), f"`{draft.short(node)}` → `{' '.join(new.split())}`")


def _shorter(draft: Draft, node: ast.AST) -> str | None:
    match node:
        case ast.Call(func=ast.Name(id="min" | "max"), args=[one, other], keywords=[]):
            return _bound(draft, node, one, other)
        case ast.Call(
            func=ast.Name(id="list"), args=[ast.Call(func=ast.Name(id="list" | "sorted")) as inner]
        ):
            return draft.of(inner)
        case ast.BinOp(left=ast.Constant() as left, op=op, right=ast.Constant() as right):
            return _folded(left, op, right)
        case ast.BoolOp(values=values) if isinstance(draft.parent[node], ast.If):
            texts = list(dict.fromkeys(ast.unparse(value) for value in values))
            if len(texts) < len(values) and all(_pure(value) for value in values):
                word = " and " if isinstance(node.op, ast.And) else " or "
                return word.join(f"({text})" if " or " in text or " if " in text else text for text in texts)
        case ast.UnaryOp(op=ast.Not(), operand=ast.UnaryOp(op=ast.Not(), operand=inner)):
            return draft.of(inner) if isinstance(draft.parent[node], ast.If) else None
    return None


def _bound(draft: Draft, node: ast.Call, one: ast.expr, other: ast.expr) -> str | None:
    """`x` for `min(x, x)`, and one bound for two numbers of which one always decides."""
    if ast.unparse(one) == ast.unparse(other):
        return draft.of(one) if _pure(one) else None
    word = ast.unparse(node.func)
    for inner, outer in ((one, other), (other, one)):
        match inner, outer:
            case (
                ast.Call(
                    func=ast.Name(id=same),
                    args=[value, ast.Constant(value=int() | float() as near)],
                    keywords=[],
                ),
                ast.Constant(value=int() | float() as far),
            ) if same == word:
                return f"{word}({draft.of(value)}, {min(near, far) if word == 'min' else max(near, far)!r})"
    return None


def _folded(left: ast.Constant, op: ast.operator, right: ast.Constant) -> str | None:
    """The number that a calculation with two numbers gives, if it is short."""
    one, other, calculation = left.value, right.value, _CALCULATIONS.get(type(op))
    if calculation is None or isinstance(one, bool) or isinstance(other, bool):
        return None
    if not isinstance(one, (int, float)) or not isinstance(other, (int, float)):
        return None
    if not other and isinstance(op, (ast.Div, ast.FloorDiv)):
        return None
    made = calculation(one, other)
    return repr(made) if math.isfinite(made) and len(repr(made)) <= _LONGEST else None


def _keys(draft: Draft) -> Iterator[Change]:
    """Sort keys in which a term stands twice, or a tuple within a tuple."""
    for body in [node.body for node in key_lambdas(draft)]:
        if not isinstance(body, ast.Tuple) or not _pure(body):
            continue
        new = joined([draft.of(body)])
        if _count(new) < len(body.elts) or any(isinstance(part, ast.Tuple) for part in body.elts):
            words = f"sort key `{draft.short(body)}` → `{' '.join(new.split())}`"
            yield Change((draft.over(body, new),), words)


def _sorts(draft: Draft) -> Iterator[Change]:
    """What is sorted twice running: `sorted(sorted(…), …)`."""
    for node in draft.nodes:
        later = sorting(node) if isinstance(node, ast.Call) else None
        former = sorting(later[0]) if later is not None and isinstance(later[0], ast.Call) else None
        if later is None or former is None or not (_pure(former[1].body) and _pure(later[1].body)):
            continue
        new = merged(draft, node, later[0])
        if new is not None:
            edits = (draft.over(later[0], draft.of(former[0])), draft.over(later[1].body, new))
            yield Change(edits, f"`{draft.short(former[0])}` sorted once, by `{' '.join(new.split())}`")


def _count(key: str) -> int:
    """How many terms a key has."""
    body = expression(key)
    return len(body.elts) if isinstance(body, ast.Tuple) else 1


def _unused(draft: Draft) -> Iterator[Change]:
    """Functions that nobody calls, and settings that nobody reads."""
    pair = draft.registered
    registered = {pair.init.function, pair.scheduler.function}
    texts = {
        part.value for part in draft.nodes if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }
    reads = Counter(part.id for part in draft.nodes if isinstance(part, ast.Name))
    for node in draft.tree.body:
        match node:
            case ast.FunctionDef(name=name, decorator_list=[]) if node not in registered:
                pass
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _pure(value):
                pass
            case _:
                continue
        own = sum(isinstance(part, ast.Name) and part.id == name for part in ast.walk(node))
        place = draft.lines(node)
        if reads[name] > own or place is None or name in texts:
            continue
        start = place[0]
        while draft.data[:start].endswith(b"\n\n") and isinstance(node, ast.FunctionDef):
            start -= 1
        yield Change((Edit(start, place[1], ""),), f"without {name}, which nobody uses")


_RULES: tuple[Callable[[Draft], Iterator[Change]], ...] = (_blocks, _expressions, _keys, _sorts, _unused)
