"""Every small change of a policy by which one sees what a part of it earns: left out, decided the other way, halved.

All changes are made in the text, in a fixed order, without chance, and each is a policy or isn't here at all. Nothing
here is scored.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby, pairwise

from evo.errors import PolicyError
from evo.explain.units import is_step, units, without
from evo.policy import parse
from evo.population import Policy
from evo.variation.syntax.constants import is_number
from evo.variation.syntax.draft import Draft
from evo.variation.syntax.order import key_lambdas
from evo.variation.syntax.source import Change, Edit

SMALL = 10
"""Whole numbers up to this are changed by one, larger ones halved and doubled."""


_LONGEST = 60


class Part(Enum):
    """What sort of part is changed; if not all can be tried, the sorts come in this order."""

    STATEMENT = "statement"
    CONSTANT = "constant"
    BRANCH = "branch"
    CONDITION = "condition"


@dataclass(frozen=True, slots=True)
class Perturbation:
    """One change of a policy: where (a line of its source, from 1), of what code, how in words, and what it makes."""

    part: Part
    line: int
    code: str
    change: str
    policy: Policy


_Site = tuple[Part, ast.AST, str, str | None]
"""What is changed, how in words, and the text that comes of it."""


def perturbations(policy: Policy) -> list[Perturbation]:
    """Every change that makes another policy of this one, by line; raises PolicyError if it doesn't parse itself."""
    draft = Draft(policy.source)
    found: list[Perturbation] = []
    for part, node, words, text in (*_removals(draft), *_edited(draft)):
        made = None if text is None else changed(text)
        if made is not None and made.hash != policy.hash:
            found.append(Perturbation(part, getattr(node, "lineno", 0), _shown(draft, node), words, made))
    return sorted(found, key=lambda one: one.line)


def chosen(all_of_them: Sequence[Perturbation], most: int) -> list[Perturbation]:
    """At most so many, in their order: sort by sort, and evenly spread over the program where a sort is too large."""
    order = list(Part)
    by_part = sorted(range(len(all_of_them)), key=lambda place: order.index(all_of_them[place].part))
    taken: list[int] = []
    for _, group in groupby(by_part, key=lambda place: all_of_them[place].part):
        places, room = list(group), most - len(taken)
        fits = len(places) <= room
        taken += places if fits else [places[k * len(places) // room] for k in range(room)]
    return [all_of_them[place] for place in sorted(taken)]


def changed(text: str) -> Policy | None:
    """The policy in a text; None if it is none."""
    try:
        return parse(text)
    except PolicyError:
        return None


def _removals(draft: Draft) -> Iterator[_Site]:
    for unit in units(draft):
        if is_step(draft, unit):
            yield Part.STATEMENT, unit.node, "left out", without(draft, [unit])


def _edited(draft: Draft) -> Iterator[_Site]:
    for part, changes in (
        (Part.BRANCH, decided(draft)),
        (Part.CONSTANT, _constants(draft)),
        (Part.CONDITION, shortened(draft)),
    ):
        for node, change in changes:
            after = draft.applied(change.edits)
            yield part, node, change.detail, None if after is None else after.text


def _shown(draft: Draft, node: ast.AST) -> str:
    """The code of a part on one line; of a long block what stands above it."""
    if not getattr(node, "body", None) or not isinstance(node, ast.stmt):
        return draft.short(node)
    lines = [line.strip() for line in ast.unparse(node).splitlines()]
    text = " ".join(lines) if len(lines) == 2 else f"{lines[0]} …"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def decided(draft: Draft) -> Iterator[tuple[ast.AST, Change]]:
    """Each `if` of a function decided for good; to leave out one that has no else is not among these."""
    for node in draft.nodes:
        if not isinstance(node, ast.If) or draft.function.get(node) is None:
            continue
        for words, edits in (("always", _always(draft, node)), ("never", _never(draft, node))):
            if edits:
                yield node, Change(edits, words)


def _always(draft: Draft, node: ast.If) -> tuple[Edit, ...]:
    """The edits that take an `if` for true; none where it shares its lines."""
    place = draft.lines(node)
    if any(draft.lines(statement) is None for statement in node.body):
        return ()
    if place is not None:
        text = "".join(draft.reindented(statement, draft.indent(node)) for statement in node.body)
        return (Edit(*place, text),)
    start, stop = draft.span(node)[0], draft.line((node.end_lineno or 0) + 1)
    if not draft.data.startswith(b"elif", start):
        return ()
    # An elif becomes the else, and what comes after it goes.
    body, rest = draft.line(node.body[0].lineno), draft.line((node.body[-1].end_lineno or 0) + 1)
    return Edit(start, body, "else:\n"), Edit(rest, stop, "")


def _never(draft: Draft, node: ast.If) -> tuple[Edit, ...]:
    """The edits that take an `if` for false, so that its else stays, or its first `elif` becomes the `if`."""
    place = draft.lines(node)
    if place is None or not node.orelse:
        return ()
    first = draft.span(node.orelse[0])[0]
    if draft.data.startswith(b"elif", first):
        return (Edit(draft.span(node)[0], first + len(b"el"), ""),)
    if any(draft.lines(statement) is None for statement in node.orelse):
        return ()
    text = "".join(draft.reindented(statement, draft.indent(node)) for statement in node.orelse)
    return (Edit(*place, text),)


def _constants(draft: Draft) -> Iterator[tuple[ast.AST, Change]]:
    """Each number halved and doubled, or one less and one more; each flag turned over. Places in lists are no numbers."""
    for node in draft.nodes:
        if isinstance(node, ast.Constant) and not isinstance(draft.parent[node], ast.Subscript):
            for value in _others(node):
                words = f"{draft.of(node)} → {value!r}"
                yield _told(draft, node), Change((draft.put(node, repr(value)),), words)


def _told(draft: Draft, node: ast.AST) -> ast.AST:
    """The expression or statement by which a reader knows a constant again."""
    telling = (
        ast.Compare,
        ast.BinOp,
        ast.Call,
        ast.keyword,
        ast.Assign,
        ast.AugAssign,
        ast.AnnAssign,
        ast.Return,
    )
    return next((one for one in draft.above(node) if isinstance(one, telling)), node)


def _others(node: ast.Constant) -> tuple[bool | int | float, ...]:
    value = node.value
    if isinstance(value, bool):
        return (not value,)
    if not is_number(node):
        return ()
    if isinstance(value, int):
        return (value - 1, value + 1) if value <= SMALL else (value // 2, value * 2)
    assert isinstance(value, float)
    return (value / 2, value * 2) if value else (1.0,)


def shortened(draft: Draft) -> Iterator[tuple[ast.AST, Change]]:
    """Each expression with a part less: a condition, a bound, a filter, a term of a sort key, one of two values."""
    for node in draft.nodes:
        match node:
            case ast.BoolOp(op=op, values=values):
                word = " and " if isinstance(op, ast.And) else " or "
                yield from _fewer(draft, node, values, word)
            case ast.IfExp(test=test, body=body, orelse=other):
                yield node, _put(draft, node, body, f"always {draft.short(test)}")
                yield node, _put(draft, node, other, f"never {draft.short(test)}")
            case ast.Call(func=ast.Name(id="min" | "max"), args=[one, other], keywords=[]):
                yield node, _put(draft, node, one, f"without {draft.short(other)}")
                yield node, _put(draft, node, other, f"without {draft.short(one)}")
            case ast.comprehension(iter=iterated, ifs=tests):
                for before, test in pairwise([iterated, *tests]):
                    yield test, Change((_unfiltered(draft, before, test),), "no filter")
    for body in [key.body for key in key_lambdas(draft)]:
        if isinstance(body, ast.Tuple):
            yield from _fewer(draft, body, body.elts, ", ")


def _unfiltered(draft: Draft, before: ast.expr, test: ast.expr) -> Edit:
    """The edit that takes the filter `test` from a comprehension; `before` is the expression that ends before it."""
    start, stop = draft.span(before)[1], draft.span(test)[1]
    gap = draft.between(start, draft.span(test)[0])
    return Edit(start, stop, "") if gap.split() == ["if"] else draft.put(test, "True")


def _put(draft: Draft, node: ast.AST, part: ast.expr, detail: str) -> Change:
    return Change((draft.put(node, _code(draft, part)),), detail)


def _fewer(
    draft: Draft, node: ast.AST, parts: Sequence[ast.expr], word: str
) -> Iterator[tuple[ast.AST, Change]]:
    """A row of parts without each of them in turn."""
    for part in parts:
        left = [_code(draft, one) for one in parts if one is not part]
        if left:
            code = left[0] if len(left) == 1 else word.join(left)
            whole = draft.over(node, f"({code})") if isinstance(node, ast.Tuple) else draft.put(node, code)
            yield node, Change((whole,), f"without {draft.short(part)}")


def _code(draft: Draft, node: ast.expr) -> str:
    """The text of a part, on one line, and in parentheses where others may stand beside it."""
    text = draft.of(node)
    one_line = ast.unparse(node) if "\n" in text else text
    loose = isinstance(node, (ast.BoolOp, ast.IfExp, ast.Lambda, ast.NamedExpr))
    return f"({one_line})" if loose else one_line
