"""Sort keys: one sort with a key of a few terms, however many sorts were asked for one after the other.

Python sorts are stable, so that a sort before another only decides its ties; a tuple says the same, shorter.
Knows nothing of what a key is made of.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from evo.variation.syntax.source import Source, expression

MOST_TERMS = 3
"""So many terms a key that variation makes may have: what comes behind decides ties of ties, and hides what counts."""


def sorting(node: ast.AST) -> tuple[ast.expr, ast.Lambda] | None:
    """What `sorted(queue, key=lambda one: …)` or `queue.sort(key=lambda one: …)` sorts, and by which function."""
    match node:
        case (
            ast.Call(
                func=ast.Name(id="sorted"),
                args=[queue],
                keywords=[ast.keyword(arg="key", value=ast.Lambda() as key)],
            )
            | ast.Expr(
                value=ast.Call(
                    func=ast.Attribute(attr="sort", value=queue),
                    args=[],
                    keywords=[ast.keyword(arg="key", value=ast.Lambda() as key)],
                )
            )
        ) if len(key.args.args) == 1:
            return queue, key
    return None


def joined(keys: Iterable[str], most: int | None = None) -> str:
    """One key of several, the first of which decides first: each term once, at most so many."""
    terms: dict[str, str] = {}
    for code in keys:
        for term in _terms(expression(code)):
            terms.setdefault(
                ast.unparse(_unsigned(term)), ast.get_source_segment(f"({code})", term) or ast.unparse(term)
            )
    texts = list(terms.values())[:most]
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"


def merged(source: Source, later: ast.AST, former: ast.AST) -> str | None:
    """The key by which one sort does what a former one and a later do, if both take the element by one name."""
    last, first = sorting(later), sorting(former)
    if last is None or first is None or last[1].args.args[0].arg != first[1].args.args[0].arg:
        return None
    return joined([source.of(last[1].body), source.of(first[1].body)])


def _terms(node: ast.expr) -> list[ast.expr]:
    """The terms of a key, those of tuples within tuples as well."""
    return [term for part in node.elts for term in _terms(part)] if isinstance(node, ast.Tuple) else [node]


def _unsigned(node: ast.expr) -> ast.expr:
    """A term without its minus: behind a term that is equal its opposite decides nothing."""
    return node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else node
