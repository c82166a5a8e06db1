"""Text of others as data: what a policy, a model or a file says is shown without obeying it.

Knows no reader: whoever shows, saves or sends such a text decides on its length.
"""

from __future__ import annotations


def printable(text: str, keep: str = "") -> str:
    """The text with each character that can't be printed, and might command a terminal, escaped; all in `keep` stay."""
    return "".join(c if c.isprintable() or c in keep else c.encode("unicode_escape").decode() for c in text)
