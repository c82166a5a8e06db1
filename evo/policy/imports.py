"""Writing import statements into a module without touching the rest of its formatting.

The one file here that imports libcst, and it is imported only when needed, for libcst takes half a second to load.
What it is given has passed the gate, which bounds what libcst would not survive.
"""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from evo.errors import PolicyError
from evo.policy.ambient import AMBIENT


def with_imports(source: str, names: Sequence[str]) -> str:
    """The source with imports of these ambient names behind its docstring; `PolicyError` if libcst can't read it."""
    try:
        module = cst.parse_module(source)
    except cst.ParserSyntaxError as error:
        raise PolicyError(
            f"libcst can't read the policy: {' '.join(error.message.split())}", kind="syntax"
        ) from None
    place = _after_opening(module)
    rest = list(module.body[place:])
    if rest:
        rest[0] = _apart(rest[0])
    return module.with_changes(body=[*module.body[:place], *_imports(names), *rest]).code


def _imports(names: Sequence[str]) -> list[cst.SimpleStatementLine]:
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
