"""From what a server sent to an Answer: the text that can be saved, the tokens that were used, the verdict.

Believes nothing: a count that is no count is not there, parts that exceed their whole are cut to it, and what can't
be written as UTF-8 is replaced. Knows no SDK and no service.
"""

from __future__ import annotations

import re

from evo.llm.exchange import Answer, Fault, Prompt, Usage
from evo.llm.faults import dig, one_line
from evo.llm.settings import Settings

THOUGHTS = re.compile(
    r"\A(?:(?!<(?:think|thinking|reasoning)>).)*?</(?:think|thinking|reasoning)>"
    r"|<(think|thinking|reasoning)>.*?(?:</\1>|\Z)",
    re.DOTALL,
)
"""What a model thinks aloud within its answer, also if the server has kept the opening tag or the end never came."""


def writable(text: str) -> str:
    """The text with halves of surrogate pairs joined, and those without their other half replaced."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def messages(prompt: Prompt) -> list[dict[str, str]]:
    """What was said in turn; a turn of nothing, which servers refuse, says so."""
    roles = ("user", "assistant")
    return [
        {"role": roles[number % 2], "content": writable(turn) if turn.strip() else "(nothing)"}
        for number, turn in enumerate(prompt.turns)
    ]


def counted(
    whole: tuple[object, object], cached: object = None, written: object = None, reasoning: object = None
) -> Usage | None:
    """Usage from a server's counts, `whole` being all of input and output; None if it gave neither."""
    taken, given = (_count(value) for value in whole)
    if taken is None and given is None:
        return None
    total, output = taken or 0, given or 0
    read = min(_count(cached) or 0, total)
    return Usage(
        input=total,
        output=output,
        cached=read,
        written=min(_count(written) or 0, total - read),
        reasoning=min(_count(reasoning) or 0, output),
    )


def counted_by_openai(told: object, read: str, written: str) -> Usage | None:
    """Usage from a count of OpenAI's kind, which is evo's too; `read` and `written` are what it calls the two ways."""
    details = dig(told, f"{read}_tokens_details")
    return counted(
        (dig(told, f"{read}_tokens"), dig(told, f"{written}_tokens")),
        dig(details, "cached_tokens"),
        dig(details, "cache_write_tokens"),
        dig(told, f"{written}_tokens_details", "reasoning_tokens"),
    )


def judged(
    settings: Settings,
    model: object,
    text: str,
    usage: Usage | None,
    verdict: tuple[Fault, str] | None = None,
) -> Answer:
    """An answer with its verdict: the one given, or "empty" if it says nothing but thoughts."""
    if verdict is None and not THOUGHTS.sub("", text).strip():
        verdict = ("empty", "the model said nothing" if not text.strip() else "the model only thought")
    fault, message = verdict or (None, "")
    return Answer(
        model=writable(model) if isinstance(model, str) and model else settings.model,
        text=writable(text),
        usage=usage,
        fault=fault,
        message=one_line(message, settings),
    )


def _count(value: object) -> int | None:
    """A number of tokens; None if it is nothing of the kind."""
    return value if type(value) is int and 0 <= value < 10**12 else None
