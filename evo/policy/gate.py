"""The gate before the parsers: text to a syntax tree of bounded size, or a `PolicyError`.

CPython's parser may be handed any text, but the tree that it returns may be deeper than recursive code (ours,
libcst's) can walk, or flat here and nested there: libcst kills the process on either. Everything behind this
gate may recurse over the tree, and may give its source to libcst. Nothing here compiles or runs the text.
"""

from __future__ import annotations

import ast
import io
import tokenize
import warnings

from evo.errors import PolicyError
from evo.policy.trees import children
from evo.printable import printable

MAX_CHARACTERS = 100_000
MAX_DEPTH = 80
MAX_NODES = 20_000
MAX_PARTS = 200
MAX_INTEGER_BITS = 1024
MAX_PATTERN_DEPTH = 6
MAX_PATTERN_BRACKETS = 12

_WATCHED = (ast.Constant, ast.BoolOp, ast.JoinedStr, ast.Import, ast.ImportFrom, ast.match_case)


def read(text: str) -> ast.Module:
    """The syntax tree of a module; anything that may not be walked safely raises `PolicyError`."""
    if len(text) > MAX_CHARACTERS:
        raise _unreadable(
            f"the policy has {len(text):,} characters, at most {MAX_CHARACTERS:,} are allowed; shorten it"
        )
    tree = tree_of(text)
    _bound(tree, text)
    return tree


def tree_of(text: str) -> ast.Module:
    """As `read`, without the bounds: for text that was made of accepted text by small edits."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an escape like "\d" only warns, but warnings may be errors
            return ast.parse(text)
    except SyntaxError as error:
        raise _unreadable(_syntax_message(error), _line(error.lineno)) from None
    except ValueError as error:
        raise _unreadable(f"not valid Python: {_one_line(str(error))}; write plain UTF-8 text") from None
    except (MemoryError, RecursionError):
        raise _unreadable("the code is nested too deeply to be read; split it into functions") from None


def _unreadable(message: str, line: int | None = None) -> PolicyError:
    return PolicyError(message, line, "syntax")


def _syntax_message(error: SyntaxError) -> str:
    shown = _one_line(error.text or "")
    at = f" at {shown!r}" if shown else ""
    return f"not valid Python: {_one_line(error.msg)}{at}; mend this line or the one before it"


def _one_line(text: str) -> str:
    """The first 100 characters on one line, whatever can't be printed escaped."""
    return printable(" ".join(text.split())[:100])


def _line(number: int | None) -> int | None:
    return number if number is not None and number > 0 else None


def _bound(tree: ast.Module, text: str) -> None:
    lines = text.encode().split(b"\n")
    pending: list[tuple[ast.AST, int]] = [(tree, 0)]
    left = MAX_NODES
    while pending:
        node, depth = pending.pop()
        left -= 1
        if left < 0:
            raise _unreadable(f"more than {MAX_NODES:,} names, numbers and operations; shorten it")
        if depth > MAX_DEPTH:
            raise _unreadable(
                f"nested more than {MAX_DEPTH} deep (chains of operators, calls and elif count as well);"
                " split it into functions or statements",
                getattr(node, "lineno", None),
            )
        if isinstance(node, _WATCHED):
            _bound_node(node, lines)
        depth += 1
        pending += [(child, depth) for child in children(node)]


def _bound_node(node: ast.AST, lines: list[bytes]) -> None:
    match node:
        case ast.Constant(value=int(value)) if value.bit_length() > MAX_INTEGER_BITS:
            raise _unreadable("an integer of more than 300 digits; write a smaller one", node.lineno)
        case ast.BoolOp(values=parts) | ast.JoinedStr(values=parts) if len(parts) > MAX_PARTS:
            raise _unreadable(f"an expression of more than {MAX_PARTS} parts; split it", node.lineno)
        case ast.Constant(value=str() | bytes()) | ast.JoinedStr():
            _bound_pieces(node, lines)
        case ast.Import() | ast.ImportFrom():
            _bound_import(node)
        case ast.match_case():
            _bound_pattern(node, lines)


def _bound_pieces(node: ast.Constant | ast.JoinedStr, lines: list[bytes]) -> None:
    """Strings written side by side are one constant to CPython, a nest of concatenations to libcst."""
    segment = _segment(node, lines)
    if segment.count("'") + segment.count('"') <= 2 * MAX_PARTS:
        return
    if isinstance(node, ast.JoinedStr):
        raise _unreadable(f"an f-string with more than {2 * MAX_PARTS} quotes; split it", node.lineno)
    tokens = tokenize.generate_tokens(io.StringIO(f"({segment}\n)").readline)
    try:
        strings = sum(token.type == tokenize.STRING for token in tokens)
    except (tokenize.TokenError, SyntaxError):
        strings = MAX_PARTS + 1
    if strings > MAX_PARTS:
        raise _unreadable(f"more than {MAX_PARTS} strings side by side; write one string", node.lineno)


def _segment(node: ast.expr, lines: list[bytes]) -> str:
    """The source of an expression; columns of `ast` count bytes."""
    last = node.end_lineno or node.lineno
    parts = lines[node.lineno - 1 : last]
    if not parts:
        return ""
    parts[-1] = parts[-1][: node.end_col_offset]
    parts[0] = parts[0][node.col_offset :]
    return b"\n".join(parts).decode(errors="replace")


def _bound_import(node: ast.Import | ast.ImportFrom) -> None:
    names = [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        names.append(node.module or "")
    if any(name.count(".") > MAX_DEPTH for name in names):
        raise _unreadable("the name of an imported module has too many parts", node.lineno)


def _bound_pattern(case: ast.match_case, lines: list[bytes]) -> None:
    """Bound the brackets of a pattern: libcst's time doubles with each pair, round ones included."""
    segment = b"\n".join(lines[case.pattern.lineno - 1 : case.body[0].lineno])
    brackets = sum(segment.count(bracket) for bracket in (b"(", b"[", b"{"))
    level: list[ast.AST] = [case.pattern]
    depth = 0
    while level:
        level = [child for node in level for child in children(node)]
        depth += 1
    if brackets > MAX_PATTERN_BRACKETS or depth > MAX_PATTERN_DEPTH:
        raise _unreadable("a case pattern with too many brackets; test with if instead", case.pattern.lineno)
