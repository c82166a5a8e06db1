"""Rewriting a policy's source without touching its formatting: another key, the imports that it lacks.

The one file here that imports libcst; what it is given has passed the gate, which bounds what libcst would not
survive. The result of each rewrite is parsed again like any other text.
"""

from __future__ import annotations

import ast

import libcst as cst

from evo.errors import PolicyError
from evo.policy.ambient import AMBIENT, UPSTREAM_KEYS
from evo.policy.contract import registrations
from evo.policy.gate import read
from evo.policy.normal import fingerprint
from evo.policy.scopes import analyse
from evo.population import Policy


def rename_key(policy: Policy, key: str) -> Policy:
    """The same program registered under another key; its hash stays. A key that is none raises `PolicyError`."""
    both = registrations(read(policy.source))
    lines = policy.source.encode().split(b"\n")
    for node in sorted((both.init.key, both.scheduler.key), key=lambda node: -node.lineno):
        _replace(lines, node, repr(key))
    source = b"\n".join(lines).decode()
    tree = read(source)
    renamed = registrations(tree)
    return Policy(source=source, hash=fingerprint(tree, renamed), key=renamed.key)


def _replace(lines: list[bytes], node: ast.expr, text: str) -> None:
    """Write `text` over an expression; columns of `ast` count bytes."""
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    tail = lines[last][node.end_col_offset :]
    lines[first : last + 1] = [lines[first][: node.col_offset] + text.encode() + tail]


def standalone(policy: Policy) -> str:
    """Source that upstream Eudoxia runs as it is: with the imports that ambient names stood for.

    A key that upstream has registered already is made its own with the first eight digits of the hash.
    """
    if policy.key in UPSTREAM_KEYS:
        policy = rename_key(policy, f"{policy.key}-{policy.hash[:8]}")
    missing = {use.node.id for use in analyse(read(policy.source)).unbound()}
    wanted = [name for name in AMBIENT if name in missing]
    if not wanted:
        return policy.source
    try:
        module = cst.parse_module(policy.source)
    except cst.ParserSyntaxError as error:
        raise PolicyError(f"libcst can't read the policy: {' '.join(error.message.split())}") from None
    place = _after_opening(module)
    imports = _imports(wanted)
    rest = list(module.body[place:])
    if rest and imports:
        rest[0] = _apart(rest[0])
    return module.with_changes(body=[*module.body[:place], *imports, *rest]).code


def _imports(names: list[str]) -> list[cst.SimpleStatementLine]:
    """One import statement for each module, in the order of `AMBIENT`."""
    modules = list(dict.fromkeys(AMBIENT[name] for name in names))
    lines = [
        f"from {module} import {', '.join(name for name in names if AMBIENT[name] == module)}\n"
        for module in modules
    ]
    body = cst.parse_module("".join(lines)).body
    return [line for line in body if isinstance(line, cst.SimpleStatementLine)]


def _after_opening(module: cst.Module) -> int:
    """Where imports may stand: behind the docstring and `from __future__` imports."""
    place = 0
    for number, line in enumerate(module.body):
        if not isinstance(line, cst.SimpleStatementLine):
            break
        first = line.body[0]
        docstring = number == 0 and isinstance(first, cst.Expr) and module.get_docstring() is not None
        future = (
            isinstance(first, cst.ImportFrom)
            and isinstance(first.module, cst.Name)
            and first.module.value == "__future__"
        )
        if not docstring and not future:
            break
        place = number + 1
    return place


def _apart(
    statement: cst.SimpleStatementLine | cst.BaseCompoundStatement,
) -> cst.SimpleStatementLine | cst.BaseCompoundStatement:
    """The statement with a blank line before it, if there is none."""
    lines = getattr(statement, "leading_lines", ())
    if any(line.comment is None for line in lines):
        return statement
    return statement.with_changes(leading_lines=[cst.EmptyLine(indent=False), *lines])
