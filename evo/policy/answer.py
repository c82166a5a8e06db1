"""From whatever a model or a file gives to the source text of one module.

Here live fences, prose and thoughts around code, line ends and byte order marks. Nothing here judges the code
beyond asking which of several candidates is meant; text that holds no code at all comes back as it is, so that
the parser says what is wrong with it.
"""

from __future__ import annotations

import ast
import re
import textwrap
from dataclasses import dataclass, replace

from evo.errors import PolicyError
from evo.policy.contract import INIT, registrations
from evo.policy.gate import read

MAX_ANSWER = 1_000_000
MAX_CANDIDATES = 40
MAX_LOOKED_AT = 300_000
"""Characters of candidates that are parsed, to bound the time."""

_THOUGHT = re.compile(r"<(/?)(?:think|thinking|reasoning)>", re.IGNORECASE)
_FENCE = re.compile(r"^[ \t]*(?:>[ ]?)?(?P<mark>`{3,}|~{3,})(?P<info>[^\n`]*)$")
_CODING = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*[-\w.]+")
_OPENING = re.compile(r"^(?:import |from \S+ import |@|def |class |\"\"\"|[A-Za-z_]\w*(?:: [^=]+)? = )")


@dataclass(frozen=True, slots=True)
class Code:
    """Source text and the 1-based line of the given text on which it begins."""

    text: str
    first_line: int = 1
    tree: ast.Module | None = None
    """Its syntax tree, if it was needed to see that this is the code."""


def extract(text: str) -> str:
    """The source of the policy in a model's answer or a file, with a newline at its end.

    Of several fenced blocks the one that honours the contract is meant, the longest if several do.
    `PolicyError` if the text is too long to be looked at.
    """
    return choose(text).text


def choose(text: str) -> Code:
    """As `extract`, with the place where the code was found."""
    if len(text) > MAX_ANSWER:
        raise PolicyError(
            f"the text has {len(text):,} characters; give at most {MAX_ANSWER:,}", kind="syntax"
        )
    plain = _plain(text)
    whole = _tidy(Code(plain))
    try:
        return replace(whole, tree=read(whole.text))
    except PolicyError:
        pass  # fences or prose, or a mistake that is reported when nothing better is found
    answer = _without_thoughts(plain)
    blocks = _first(_blocks(answer))
    for candidates in (blocks, _joined(blocks), _unfenced(answer)):
        honouring = [code for code in map(_tidy, candidates) if INIT in code.text and _promise(code)[0]]
        if honouring:
            return max(honouring, key=lambda code: len(code.text))
    return max(map(_tidy, blocks or [Code(answer)]), key=_promise)


def _first(blocks: list[Code]) -> list[Code]:
    """As many blocks as are looked at: all but what no answer has."""
    chosen: list[Code] = []
    left = MAX_LOOKED_AT
    for block in blocks[:MAX_CANDIDATES]:
        left -= len(block.text)
        if left >= 0:
            chosen.append(block)
    return chosen


def _plain(text: str) -> str:
    """One kind of line end and no byte order mark, as Python's own reader of files has it."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _without_thoughts(text: str) -> str:
    """The text with a reasoning model's thoughts blanked out, so that lines keep their numbers.

    Some servers cut off the opening tag: then all before the closing one is thought.
    """
    kept: list[str] = []
    begin: int | None = None
    end = 0
    for tag in _THOUGHT.finditer(text):
        if not tag[1]:
            begin = tag.start() if begin is None else begin
        elif begin is not None or not kept:
            kept.append(text[end:begin] if begin is not None else "")
            kept.append("\n" * text.count("\n", 0 if begin is None else begin, tag.end()))
            begin, end = None, tag.end()
    return "".join(kept) + text[end:]


def _blocks(text: str) -> list[Code]:
    """The fenced blocks; one that is never closed (a cut answer) reaches to the end."""
    blocks: list[Code] = []
    opened: tuple[str, int] | None = None
    lines = text.split("\n")
    for number, line in enumerate(lines):
        fence = _FENCE.match(line)
        if fence is None:
            continue
        mark, info = fence["mark"], fence["info"].strip()
        if opened is None:
            opened = (mark, number + 1)
        elif mark.startswith(opened[0]) and not info:
            blocks.append(_block(lines, opened[1], number))
            opened = None
    if opened is not None:
        blocks.append(_block(lines, opened[1], len(lines)))
    return blocks


def _block(lines: list[str], start: int, stop: int) -> Code:
    body = lines[start:stop]
    if body and all(line.startswith(">") for line in body if line.strip()):
        body = [line.removeprefix(">").removeprefix(" ") for line in body]
    return Code(textwrap.dedent("\n".join(body)), start + 1)


def _joined(blocks: list[Code]) -> list[Code]:
    """All blocks as one module: some models give the init function and the scheduler apart.

    Blank lines stand for what lay between, so that lines keep their numbers.
    """
    if len(blocks) < 2:
        return []
    text = ""
    for block in blocks:
        gap = block.first_line - blocks[0].first_line - text.count("\n")
        text += "\n" * gap + block.text
    return [Code(text, blocks[0].first_line)]


def _unfenced(text: str) -> list[Code]:
    """A policy between prose without fences: from a line that looks like code to the last that parses."""
    if INIT not in text:
        return []
    left = MAX_LOOKED_AT
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if _OPENING.match(line)]
    for start in starts[:3]:
        stop = len(lines)
        for _ in range(8):
            body = "\n".join(lines[start:stop])
            left -= len(body)
            if left < 0:
                return []
            try:
                registrations(read(body))
            except PolicyError as error:
                if error.line is None or error.line <= 1:
                    break
                stop = start + min(error.line, stop - start) - 1
                if lines[stop][:1] in {" ", "\t"}:
                    break  # an answer that ends within a function was cut off, and isn't what was meant
            else:
                return [Code(body, start + 1)]
    return []


def _tidy(code: Code) -> Code:
    """Drop a declared encoding, which is a lie about text, and blank lines around; end with a newline."""
    lines = code.text.split("\n")
    first = _begin(lines)
    while any(_CODING.match(line) for line in lines[first : first + 2]):
        lines[first : first + 2] = ["" if _CODING.match(line) else line for line in lines[first : first + 2]]
        first = _begin(lines, first)
    body = "\n".join(lines[first:]).rstrip(" \t\n\f")
    return Code(f"{body}\n", code.first_line + first)


def _begin(lines: list[str], first: int = 0) -> int:
    """The first line with something on it; the first of all if there is none."""
    return next((number for number in range(first, len(lines)) if lines[number].strip()), 0)


def _promise(code: Code) -> tuple[bool, bool, int, int]:
    """How likely it is that this text is what was meant."""
    try:
        tree = read(code.text)
    except PolicyError:
        return (False, False, code.text.count("@register_scheduler"), -len(code.text))
    try:
        registrations(tree)
    except PolicyError:
        return (False, True, code.text.count("@register_scheduler"), len(code.text))
    return (True, True, 0, len(code.text))
