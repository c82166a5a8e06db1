"""What a model is asked: prompts built from policies, what is known of them, and the user's texts.

Every function is pure: the same values give the same prompt, to the byte. Whatever a policy or a model wrote is shown
in fences longer than any in it. A request stays within its budget by leaving out, in a fixed order and visibly, what
matters least; so it doesn't grow with a run. Knows nothing of scores but the words that it is given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from evo.errors import PolicyError
from evo.llm.exchange import Prompt
from evo.policy import extract
from evo.policy.edits import after_thoughts
from evo.population import Failure, FailureKind
from evo.variation.prompts import Prompts

CHARACTERS_PER_TOKEN = 3
"""A low estimate, so that a budget holds."""

_LEFT_OUT = "(left out: this request would be too long)"
_NOTHING = "(nothing is known)"
_LEAST = 3000
"""Characters that are kept of an answer in any case."""
_AROUND = 2
"""Lines shown above and below the one to blame."""
_WIDEST = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """A policy as a model is shown it.

    `told` says what it scored and why, `traces` the same trace by trace; a policy without a score has a `failure`.
    """

    id: str
    source: str
    told: str = ""
    traces: str = ""
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What a policy is scored by and where, in words that are the same in all of a run, and what others scored.

    `references` are a line for each mark to beat: `naive`, `priority`, the best so far. `best` is the best policy so
    far, for a conversation that may no longer hold it.
    """

    metric: str
    cluster: str
    references: tuple[str, ...] = ()
    best: Shown | None = None


def mutation(prompts: Prompts, parent: Shown, context: Context, hint: str) -> Prompt:
    """Ask for a better policy than one; `hint` is the name of a hint."""
    values = {"references": _references(context), "hint": prompts.texts[f"hints/{hint}"], **_values(parent)}
    return _asked(prompts, context, "mutation", _fitted(prompts, "mutation", values, ("traces", "told")))


def crossover(prompts: Prompts, first: Shown, second: Shown, context: Context, hint: str) -> Prompt:
    """Ask for one policy that has the best of two; `hint` is the name of a hint."""
    values = {"references": _references(context), "hint": prompts.texts[f"hints/{hint}"]}
    values |= {f"first_{name}": text for name, text in _values(first).items()}
    values |= {f"second_{name}": text for name, text in _values(second).items()}
    least = ("second_traces", "first_traces", "second_told", "first_told", "second_source")
    return _asked(prompts, context, "crossover", _fitted(prompts, "crossover", values, least))


def repair(
    prompt: Prompt, answer: str, error: PolicyError | Failure, prompts: Prompts, source: str | None = None
) -> Prompt:
    """Ask for a whole policy in place of an answer that failed.

    The error's line counts in `source`; none given: in what `evo.policy.extract` takes for the policy in the answer.
    """
    failure = error if isinstance(error, Failure) else _failure(error)
    if source is None:
        source = _found(answer) if prompts.style == "whole" else ""
    asked = prompts.filled("repair", {"error": _failed(failure, source)})
    return _continued(prompt, answer, asked, prompts.budget)


def feedback(prompt: Prompt, answer: str, shown: Shown, context: Context, prompts: Prompts) -> Prompt:
    """Say what came of the last answer, and ask for the next.

    The oldest turns but the first are forgotten where the conversation would be too long.
    """
    best = context.best
    values = {
        "told": _told(shown),
        "traces": _block(shown.traces),
        "references": _references(context),
        "best": _block(best.source, "python") if best and best.id != shown.id else "(the one you just gave)",
    }
    asked = prompts.filled("feedback", _fitted(prompts, "feedback", values, ("traces", "best")))
    return _continued(prompt, answer, asked, prompts.budget)


def fenced(text: str, language: str = "") -> str:
    """A text in a fence longer than any in it, so that nothing in it can end it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    mark = "`" * (longest + 1)
    body = text.rstrip("\n")
    return f"{mark}{language}\n{body}\n{mark}"


def _values(shown: Shown) -> dict[str, str]:
    return {
        "id": shown.id,
        "source": fenced(shown.source, "python"),
        "told": _told(shown),
        "traces": _block(shown.traces),
    }


def _block(text: str, language: str = "") -> str:
    return fenced(text, language) if text.strip() else _NOTHING


def _references(context: Context) -> str:
    return "\n".join(f"- {line}" for line in context.references) or _NOTHING


def _told(shown: Shown) -> str:
    """How a policy did: its failure first."""
    parts = [] if shown.failure is None else [_failed(shown.failure, shown.source)]
    if shown.told.strip():
        parts += ["About such failures:"] if parts else []
        parts.append(fenced(shown.told))
    return "\n\n".join(parts) or _NOTHING


def _found(answer: str) -> str:
    with suppress(PolicyError):
        return extract(answer)
    return ""


def _failure(error: PolicyError) -> Failure:
    return Failure(FailureKind(error.kind), error.message, line=error.line)


def _failed(failure: Failure, source: str) -> str:
    """A failure: its kind, where it happened, what was said, the lines to blame, and what was printed last."""
    where = [] if failure.trace is None else [f"on trace {failure.trace}"]
    if failure.tick is not None:
        where.append("during initialisation" if failure.tick < 0 else f"in tick {failure.tick:,}")
    if failure.line is not None:
        where.append(f"line {failure.line}")
    parts = [", ".join([f"It failed with `{failure.kind.value}`", *where]) + ":", fenced(failure.message)]
    lines = _around(source, failure.line)
    if lines:
        parts += ["The lines to blame:", fenced(lines)]
    if failure.printed.strip():
        parts += ["What it printed last:", fenced(failure.printed)]
    return "\n\n".join(parts)


def _around(source: str, line: int | None) -> str:
    """A line of a source with its neighbours, numbered and marked; nothing if there is no such line."""
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not source or line is None or not 1 <= line <= len(lines):
        return ""
    first = max(1, line - _AROUND)
    return "\n".join(
        f"{'>' if number == line else ' '} {number:>4} | {_cut(text)}"
        for number, text in enumerate(lines[first - 1 : line + _AROUND], first)
    )


def _cut(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[:_WIDEST]}…"


def _fitted(prompts: Prompts, name: str, values: Mapping[str, str], least: Sequence[str]) -> dict[str, str]:
    """The values with what matters least left out, in the order of `least`, until the text is within its budget."""
    fitted = dict(values)
    for place in least:
        if len(prompts.filled(name, fitted)) <= prompts.budget * CHARACTERS_PER_TOKEN:
            break
        if len(fitted[place]) > len(_LEFT_OUT):
            fitted[place] = _LEFT_OUT
    return fitted


def _asked(prompts: Prompts, context: Context, name: str, values: Mapping[str, str]) -> Prompt:
    constant = prompts.constant(context.metric, context.cluster)
    return Prompt(_sendable(constant), (_sendable(prompts.filled(name, values)),))


def _continued(prompt: Prompt, answer: str, asked: str, budget: int) -> Prompt:
    """The conversation with two turns more, without its oldest turns but the first where it would be too long.

    What is still too long of the answer is left out of its middle, and says so.
    """
    most = budget * CHARACTERS_PER_TOKEN
    asked = _sendable(asked)
    said = _sendable(after_thoughts(answer)).strip() or "(no text)"
    first, *later = prompt.turns
    while later and len(first) + sum(map(len, later)) + len(said) + len(asked) > most:
        del later[:2]
    room = max(_LEAST, most - len(first) - len(asked))
    return Prompt(prompt.constant, (first, *later, _shortened(said, room), asked))


def _shortened(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}\n[… {len(text) - 2 * half:,} characters left out …]\n{text[-half:]}"


def _sendable(text: str) -> str:
    """The text without halves of characters, which no message can hold."""
    return text.encode("utf-8", "replace").decode()
