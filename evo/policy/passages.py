"""Where a few lines stand in a text, and where they nearly do.

Lines are compared as they are, then but for blanks at their ends, then but for the indentation of the whole. Each takes
time in proportion to the text, whatever is in it: a text is searched as a string, not line by line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from evo.printable import printable

_PLACES = 3
"""So many places are named where a block fits several."""
_MOST_LOOKED_AT = 50
"""Lines of the source that are compared to say where a block that fits nowhere comes nearest."""


def exactly(lines: Sequence[str], old: Sequence[str]) -> tuple[list[int], int]:
    """Where the old lines stand as they are, and how many lines that is."""
    return _found(lines, old, str)


def loosely(lines: Sequence[str], old: Sequence[str]) -> tuple[list[int], int]:
    """As `exactly`, but for spaces at line ends and blank lines around."""
    return _found(lines, trimmed(old), str.rstrip)


def _found(lines: Sequence[str], old: Sequence[str], shape: Callable[[str], str]) -> tuple[list[int], int]:
    haystack = "".join(f"\n{shape(line)}" for line in lines) + "\n"
    return _places(haystack, "".join(f"\n{shape(line)}" for line in old) + "\n"), len(old)


def shifted(lines: Sequence[str], old: Sequence[str]) -> tuple[list[int], int]:
    """As `loosely`, but for the indentation of the whole: only its changes from line to line must be the same."""
    kept = trimmed(old)
    needle = list(_steps(kept))
    # What follows the last line is unknown to the block.
    needle[-1] = needle[-1].rpartition("\0")[0] + "\0"
    haystack = "".join(f"\n{step}" for step in _steps(lines)) + "\n"
    return _places(haystack, "".join(f"\n{step}" for step in needle)), len(kept)


def _steps(lines: Sequence[str]) -> Iterator[str]:
    """Each line without its indentation, and by how many columns the next that isn't blank is indented more."""
    following = 0
    steps: list[str] = []
    for line in reversed(lines):
        text = line.strip()
        if not text:
            steps.append("")
            continue
        width = len(indent(line).expandtabs())
        steps.append(f"{text}\0{following - width}")
        following = width
    return reversed(steps)


def _places(haystack: str, needle: str) -> list[int]:
    """The numbers, from 0, of the first few lines where the needle begins."""
    places: list[int] = []
    at = haystack.find(needle)
    while at >= 0 and len(places) < _PLACES:
        places.append(haystack.count("\n", 0, at))
        at = haystack.find(needle, at + 1)
    return places


def moved(lines: Sequence[str], old: str, new: str) -> list[str]:
    """New lines, written for a block that is indented by `old`, for one that is indented by `new`."""
    if new.startswith(old):
        return [f"{new[len(old) :]}{line}" if line.strip() else line for line in lines]
    moved = []
    for line in lines:
        own = indent(line)
        if own.startswith(old):
            own = new + own[len(old) :]
        elif old.startswith(new):
            own = own[len(old) - len(new) :]
        moved.append(own + line.lstrip(" \t"))
    return moved


def indent(line: str) -> str:
    """The blanks with which a line begins."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def trimmed(lines: Sequence[str]) -> list[str]:
    """The lines without blank ones at both ends."""
    full = [number for number, line in enumerate(lines) if line.strip()]
    return list(lines[full[0] : full[-1] + 1]) if full else []


def nearest(lines: Sequence[str], old: Sequence[str]) -> str:
    """Where the source and a block that isn't in it begin to differ."""
    wanted = [line.strip() for line in trimmed(old)]
    starts = [number for number, line in enumerate(lines) if line.strip() == wanted[0]][:_MOST_LOOKED_AT]
    best, agreed = -1, 0
    for start in starts:
        count = 0
        while (
            count < len(wanted)
            and start + count < len(lines)
            and lines[start + count].strip() == wanted[count]
        ):
            count += 1
        if count > agreed:
            best, agreed = start, count
    if best < 0:
        return "no line reads so; copy the lines from the policy exactly, or answer with the whole policy"
    if agreed == len(wanted):
        return f"from line {best + 1} on it is indented otherwise; copy the lines exactly"
    there = short(lines[best + agreed]) if best + agreed < len(lines) else ""
    return (
        f"line {best + agreed + 1} reads `{there}` where the block has `{short(wanted[agreed])}`;"
        " copy the lines exactly"
    )


def short(line: str) -> str:
    """A line as an error quotes it."""
    text = printable(line.strip())
    return text if len(text) <= 80 else f"{text[:80]}…"
