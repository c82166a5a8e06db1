"""The last chance of an answer that is still no policy: its text is mended offline, where the mend is beyond doubt.

A mend takes away or puts right what has no say in scheduling: damage to the text, prints, logs and time measurements,
imports that nothing uses, decorators and keys. Whatever could decide how a policy schedules is never touched, so
most broken answers stay what they are. Nothing here draws chance, runs a policy or knows a score.
"""

from __future__ import annotations

import ast

from evo.errors import PolicyError
from evo.policy import extract, parse
from evo.policy.gate import read
from evo.population import Policy
from evo.variation.mending.damage import undamaged
from evo.variation.mending.needless import without_needless
from evo.variation.mending.registering import registered
from evo.variation.syntax.names import unbound
from evo.variation.syntax.source import Source

__all__ = ["mended"]

MOST_ROUNDS = 8
MOST_CHARACTERS = 50_000


def mended(source: str, error: PolicyError) -> Policy | None:
    """The policy that was meant by a source that `parse` refused with `error`; None if that is not beyond doubt.

    Bounded: a source of more than 50,000 characters, or with more than eight faults one after the other, is given up.
    """
    if len(source) > MOST_CHARACTERS:
        return None
    fences = sum(line.lstrip().startswith(("```", "~~~")) for line in source.split("\n"))
    if fences == 1:  # a stray one, which hides half of the policy from those who look for code in an answer
        found = _after_rounds(source, _judged(source))
        if found is not None:
            return found
    text = extract(source)
    return _after_rounds(text, error if text == source else _judged(text))


def _after_rounds(text: str, fault: Policy | PolicyError) -> Policy | None:
    """The policy that a text becomes when one fault after the other is mended."""
    for _ in range(MOST_ROUNDS):
        if isinstance(fault, Policy):
            break
        changed = _changed(text, fault)
        if changed is None or changed == text or len(changed) > MOST_CHARACTERS:
            return None
        text = changed
        fault = _judged(text)
    return fault if isinstance(fault, Policy) and _is_sound(fault.source) else None


def _changed(text: str, fault: PolicyError) -> str | None:
    """The text after a mend of its fault; None if there is none."""
    if fault.kind == "syntax":
        return undamaged(text)
    if fault.kind == "contract":
        return registered(text)
    return without_needless(text, fault.line)


def _judged(text: str) -> Policy | PolicyError:
    """The policy that a text is, as it stands, or why it is none; nothing is looked for in prose or fences."""
    try:
        read(text)
        return parse(text)
    except PolicyError as error:
        return error


def _is_sound(text: str) -> bool:
    """Whether all names are there: where one is missing, so is what was meant by it."""
    source = Source(text)
    starred = any(
        isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
        for node in source.nodes
    )
    return starred or not unbound(source)
