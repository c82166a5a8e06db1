"""SEARCH/REPLACE edits in a model's answer, applied to the source that they were made for.

What can be meant in one way only is taken so: markers of any length, fences and prose around, other line ends, spaces at
line ends, a whole block moved to the right or left, a whole policy in place of edits. What can't is a `PolicyError` that
names the block and quotes its first line. Nothing here judges the code that comes out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from evo.errors import PolicyError
from evo.policy.answer import MAX_ANSWER, extract
from evo.policy.contract import INIT
from evo.policy.gate import MAX_CHARACTERS
from evo.policy.passages import exactly, indent, loosely, moved, nearest, shifted, short, trimmed

MAX_BLOCKS = 100

_HEAD = re.compile(r"^[ \t]*(<{5,})(?:[ \t]*\w.*)?[ \t]*$")
_RULE = re.compile(r"^[ \t]*(={5,})[ \t]*(?:REPLACE|WITH)?[ \t]*:?[ \t]*$", re.IGNORECASE)
_TAIL = re.compile(r"^[ \t]*>{5,}(?:[ \t]*\w.*)?[ \t]*$")
_FENCE = re.compile(r"^[ \t]*(?:`{3,}|~{3,})[^`\n]*$")
_HUNK = re.compile(r"^@@ .*@@|^@@[ \t]*$")
_THOUGHT_ENDS = re.compile(r"</(?:think|thinking|reasoning)>", re.IGNORECASE)
_FORM = "<<<<<<< SEARCH, the lines to be replaced, =======, the new lines, >>>>>>> REPLACE"


@dataclass(frozen=True, slots=True)
class _Edit:
    """One block, numbered from 1: lines to be found, and lines to stand there instead."""

    number: int
    old: tuple[str, ...]
    new: tuple[str, ...]


def apply_edits(source: str, answer_text: str) -> str:
    """The source with the edits of an answer made to it in their order; a whole policy in the answer replaces it.

    `PolicyError`, of kind "syntax", if there is neither in the answer, or if an edit fits nowhere or in several places.
    """
    if len(source) > MAX_CHARACTERS or len(answer_text) > MAX_ANSWER:
        raise _refused(
            f"a policy of more than {MAX_CHARACTERS:,} characters, or an answer of more than {MAX_ANSWER:,}"
        )
    answer = after_thoughts(_lines_mended(answer_text))
    edits, rest = _edits(answer)
    if not edits:
        edits = _hunks(answer)
    if not edits:
        return _whole(answer_text)
    if len(edits) > MAX_BLOCKS:
        raise _refused(f"more than {MAX_BLOCKS} edits; answer with the whole policy instead")
    text = _lines_mended(source).removeprefix("\ufeff")
    try:
        for edit in edits:
            text = _applied(text, edit)
            if len(text) > MAX_CHARACTERS:
                raise _refused(
                    f"edit {edit.number} makes the policy longer than {MAX_CHARACTERS:,} characters"
                )
    except PolicyError:
        whole = extract(rest)
        if INIT in whole and whole.strip() != _lines_mended(source).strip():
            return whole
        raise
    return text


def after_thoughts(text: str) -> str:
    """What a model said after its last thought; all of it if that is nothing."""
    said = _THOUGHT_ENDS.split(text)[-1]
    return said if said.strip() else text


def _refused(message: str) -> PolicyError:
    return PolicyError(message, kind="syntax")


def _lines_mended(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _whole(answer: str) -> str:
    """The policy in an answer without edits."""
    whole = extract(answer)
    if INIT not in whole:
        raise _refused(f"there is neither an edit nor a whole policy in this answer; write edits as {_FORM}")
    return whole


def _edits(answer: str) -> tuple[list[_Edit], str]:
    """The blocks of an answer, and what stands around them."""
    edits: list[_Edit] = []
    rest: list[str] = []
    lines = answer.split("\n")
    at = 0
    while at < len(lines):
        head = _HEAD.match(lines[at])
        if head is None:
            rest.append(lines[at])
            at += 1
            continue
        number = len(edits) + 1
        end = next(
            (n for n in range(at + 1, len(lines)) if _TAIL.match(lines[n]) or _HEAD.match(lines[n])), None
        )
        if end is None or _HEAD.match(lines[end]):
            first = _first_line(lines[at + 1 : end])
            raise _refused(f"edit {number}{first} is never closed; end it with a line >>>>>>> REPLACE")
        edits.append(_edit(number, lines[at + 1 : end], len(head[1])))
        at = end + 1
    return edits, "\n".join(rest)


def _edit(number: int, body: list[str], length: int) -> _Edit:
    """The edit in the lines between its markers; a rule as long as the first marker is preferred to others."""
    rules = [(n, rule) for n, line in enumerate(body) if (rule := _RULE.match(line))]
    if not rules:
        raise _refused(
            f"edit {number}{_first_line(body)} has no line ======= between old and new; write {_FORM}"
        )
    middle = next((n for n, rule in rules if len(rule[1]) == length), rules[0][0])
    return _Edit(number, _unfenced(body[:middle]), _unfenced(body[middle + 1 :]))


def _unfenced(lines: list[str]) -> tuple[str, ...]:
    """The lines without a fence around them."""
    kept = trimmed(lines)
    if len(kept) > 1 and _FENCE.match(kept[0]) and _FENCE.match(kept[-1]):
        return tuple(kept[1:-1])
    return tuple(lines)


def _hunks(answer: str) -> list[_Edit]:
    """The hunks of a unified diff as edits: some models can't be kept from writing one."""
    edits: list[_Edit] = []
    hunk: list[str] | None = None
    for line in [*answer.split("\n"), "@@"]:
        if _HUNK.match(line) or (hunk is not None and (_FENCE.match(line) or line.startswith("--- "))):
            if hunk:
                old, new = (tuple(part[1:] for part in hunk if part[:1] not in mark) for mark in ("+", "-"))
                edits.append(_Edit(len(edits) + 1, old, new))
            hunk = [] if _HUNK.match(line) else None
        elif hunk is not None and line[:1] in {"", " ", "+", "-"}:
            hunk.append(line or " ")
    return edits


def _applied(source: str, edit: _Edit) -> str:
    """The source with one edit made."""
    lines = source.split("\n")
    old, new = list(edit.old), list(edit.new)
    if not any(line.strip() for line in old):
        return _filled(source, edit)
    for find in (exactly, loosely, shifted):
        places, length = find(lines, old)
        if len(places) == 1:
            start = places[0]
            if find is not exactly:
                new = moved(new, indent(trimmed(old)[0]), indent(lines[start]))
            return "\n".join([*lines[:start], *new, *lines[start + length :]])
        if places:
            where = ", ".join(str(place + 1) for place in places)
            raise _refused(
                f"edit {edit.number}: its SEARCH part{_first_line(old)} fits several places (lines {where});"
                " add lines above or below it until it fits one"
            )
    raise _refused(
        f"edit {edit.number}: its SEARCH part{_first_line(old)} isn't in the policy: {nearest(lines, old)}"
    )


def _filled(source: str, edit: _Edit) -> str:
    """An edit that quotes nothing: it may fill an empty source, or be a whole policy."""
    new = "\n".join(edit.new)
    if not source.strip() or new.count("@register_scheduler") > 1:
        return f"{new}\n"
    raise _refused(
        f"edit {edit.number}: its SEARCH part is empty; quote there the lines that are to be replaced, exactly"
    )


def _first_line(lines: Sequence[str]) -> str:
    """The first line with something on it, quoted for an error."""
    first = next((line for line in lines if line.strip()), "")
    return f" (`{short(first)}`)" if first else ""
