"""Text that was damaged on its way: typographic quotes, HTML entities, tabs, stray lines, prose, a cut end.

Here only text is looked at that Python can't read. What is in strings and comments is no damage. A mend is kept if
Python then reads further than before; what is missing in the middle of a text is never made up.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from types import MappingProxyType

from evo.errors import PolicyError
from evo.policy.contract import registrations
from evo.policy.gate import read

_ENTITY = re.compile(r"&(lt|gt|amp|quot|apos|nbsp|#39|#x27|#34);")
_ENTITIES = MappingProxyType(
    {
        "lt": "<",
        "gt": ">",
        "amp": "&",
        "quot": '"',
        "apos": "'",
        "nbsp": " ",
        "#39": "'",
        "#x27": "'",
        "#34": '"',
    }
)
_PIECE = re.compile(
    r"""(?P<kept>\#[^\n]*
    |\"{3}(?:\\.|[^\\])*?(?:\"{3}|\Z)
    |'{3}(?:\\.|[^\\])*?(?:'{3}|\Z)
    |\"(?:\\.|[^"\\\n])*\"?
    |'(?:\\.|[^'\\\n])*'?)
    |[\u201c-\u201f](?P<double>[^\u201c-\u201f"\\\n]*)[\u201c-\u201f"]
    |[\u2018-\u201b](?P<single>[^\u2018-\u201b'\\\n]*)[\u2018-\u201b']
    |(?P<other>[^\x00-\x7f])""",
    re.VERBOSE | re.DOTALL,
)
"""Comments and strings, strings in typographic quotes, and other characters that are not ASCII."""

_CHARACTERS = MappingProxyType(
    {
        **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u200a\u202f\u3000", " "),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f", '"'),
        **dict.fromkeys("\u2018\u2019\u201a\u201b", "'"),
        "\u2264": "<=",
        "\u2265": ">=",
        "\u2260": "!=",
        "\u00d7": "*",
        "\u2192": "->",
        **{chr(ord(mark) + 0xFEE0): mark for mark in "()[]{}:,;="},
    }
)
"""What stands for ASCII in code that went through a word processor or a web page."""

_STRAY = re.compile(
    r"[ \t]*(?:(?:`{3,}|~{3,})[ \t]*\w*|-{3,}|_{3,}|\*{3,}|</?[A-Za-z_]{1,20}>|<\|[^|>\n]{1,40}\|>|\[/?[A-Z]{2,12}\])[ \t]*"
)
"""A line that belongs to the answer around the code: a fence, a rule, a tag."""

_PROSE = re.compile(
    r"\**[A-Z][\w'\u2019,*-]*(?: [^\n=\[\]{}]*)?[.:!]?\**|(?:[-*]|\d{1,2}[.)]) [A-Za-z`*][^\n=\[\]{}]*"
)
_OPENING = re.compile(
    r"(?:@|#|(?:async )?def |class |import |from \S+ import |if __name__|[\"']{3}|[A-Za-z_][\w.]*(?:: [^=\n]+)? ?= )"
)
_CODE = re.compile(
    r"\s+(?:(?:if|elif|else|for|while|try|with|except|finally|match|case|async|def|class)\b.*:[ \t]*(?:#.*)?$"
    r"|@|return\b|(?:[\w.\[\]]+ [-+*/]?= )|\w[\w.]*\()"
)
_LEFT_OUT = re.compile(
    r"\.\.\.|…|\b(?:unchanged|same|rest|remain\w*|omitted|previous\w*|existing|before|above|as is|other)\b",
    re.IGNORECASE,
)
"""What says that code is missing."""

_NUMBERED = re.compile(r"[> ]*\d+ ?[|:](?: |$)")
_BLOCK = re.compile(r"(?:@|(?:async )?def |class |if __name__)")
_BELONGS = re.compile(r"$|[ \t#)]|@|(?:async )?def |class |if __name__")
_NAME = re.compile(r"^(?:async )?(?:def|class) (\w+)", re.MULTILINE)


def undamaged(text: str) -> str | None:
    """The text with one kind of damage mended, so that Python reads further; None if no mend helps."""
    fault = _fault(text)
    if fault is None:
        return None
    plain = _in_ascii(_without_entities(text))
    if plain != text:
        return plain
    return next(
        (
            changed
            for mend in _MENDS
            if (changed := mend(text, fault)) is not None and _gets_further(changed, text, fault)
        ),
        None,
    )


def _fault(text: str) -> int | None:
    """The line that Python can't read; 0 if it blames none, None if all can be read."""
    try:
        read(text)
    except PolicyError as error:
        return error.line or 0
    return None


def _gets_further(changed: str, text: str, line: int) -> bool:
    """Whether fewer lines are left to be read."""
    fault = _fault(changed)
    return fault is None or changed.count("\n") - fault < text.count("\n") - line


def _without_entities(text: str) -> str:
    return _ENTITY.sub(lambda match: _ENTITIES[match[1]], text)


def _in_ascii(text: str) -> str:
    return _PIECE.sub(_piece, text)


def _piece(match: re.Match[str]) -> str:
    for kind, quote in (("double", '"'), ("single", "'")):
        if match[kind] is not None:
            return f"{quote}{match[kind]}{quote}"
    other = match["other"]
    return match[0] if other is None else _CHARACTERS.get(other, other)


def _without_tabs(text: str, _line: int) -> str | None:
    """Blanks for tabs in front of lines, if it makes no difference how wide a tab is."""
    if "\t" not in text:
        return None
    found: dict[str, str] = {}
    for width in (4, 8):
        lines = text.split("\n")
        indents = [line[: len(line) - len(line.lstrip(" \t"))] for line in lines]
        changed = "\n".join(
            indent.expandtabs(width) + line[len(indent) :]
            for indent, line in zip(indents, lines, strict=True)
        )
        try:
            found.setdefault(ast.dump(read(changed)), changed)
        except PolicyError:
            continue
    return next(iter(found.values())) if len(found) == 1 else None


def _without_stray_line(text: str, line: int) -> str | None:
    """The text without the line that is to blame, if it belongs to the answer around the code."""
    lines = text.split("\n")
    if not 0 < line <= len(lines) or not _STRAY.fullmatch(lines[line - 1]):
        return None
    return "\n".join([*lines[: line - 1], *lines[line:]])


def _without_prose(text: str, line: int) -> str | None:
    """The text without the words that begin at the line to blame and go on to the next code, or to the end."""
    lines = text.split("\n")
    if not 0 < line <= len(lines) or not _PROSE.fullmatch(lines[line - 1].rstrip()):
        return None
    stop = line
    while stop < len(lines) and not _OPENING.match(lines[stop]) and not _STRAY.fullmatch(lines[stop]):
        stop += 1
    words = "\n".join(lines[line - 1 : stop])
    if _LEFT_OUT.search(words) or any(_CODE.match(word) for word in lines[line:stop]):
        return None
    return "\n".join([*lines[: line - 1], *lines[stop:]])


def _without_numbers(text: str, _line: int) -> str | None:
    """The text without the number and the bar that stand before each line."""
    lines = text.split("\n")
    marks = [_NUMBERED.match(line) for line in lines]
    if not all(mark or not line.strip() for mark, line in zip(marks, lines, strict=True)):
        return None
    return "\n".join(line[mark.end() :] if mark else line for mark, line in zip(marks, lines, strict=True))


def _without_cut_end(text: str, line: int) -> str | None:
    """The text without the last function or class, if that is broken and nothing else so much as names it."""
    lines = text.split("\n")
    starts = [number for number, words in enumerate(lines) if _BLOCK.match(words)]
    while len(starts) > 1 and lines[starts[-2]].startswith("@"):
        del starts[-1]
    if not starts or line <= starts[-1]:
        return None
    before, last = "\n".join(lines[: starts[-1]]), "\n".join(lines[starts[-1] :])
    names = _NAME.findall(last)
    if "@register" in last or not all(map(_BELONGS.match, last.split("\n"))):
        return None
    if any(re.search(rf"\b{name}\b", before) for name in names):
        return None
    try:
        registrations(read(before))
    except PolicyError:
        return None
    return f"{before.rstrip()}\n"


_MENDS: tuple[Callable[[str, int], str | None], ...] = (
    _without_tabs,
    _without_numbers,
    _without_stray_line,
    _without_prose,
    _without_cut_end,
)
