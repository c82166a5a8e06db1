"""A model that proposes neighbours of the program it is shown, so that every engine gets proposals of the same quality.

What it answers is a function of its seed, of the question, and of how often it heard that very question before. It knows
no engine's state: it reads the conversation, as a model would, and answers with one whole program.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.benchmarks.landscapes import LADDERS, moved, places, slipped
from tests.llm.server import Say

SLIPS = 0.1
"""The share of answers that fail when they run, as those of real models do."""

CROSSED = 0.3
"""The share of answers that cross the program to be improved with another one, if others are shown beside it."""

_CROSS = ("Make one policy of these two", "Perform a cross-over between")
"""By these words evo and ShinkaEvolve ask for a crossing of the last two programs."""


@dataclass
class StandIn:
    """The model; `heard` is told of each question which programs it is to improve: one, or two to be crossed."""

    seed: int
    heard: Callable[[tuple[str, ...]], None] = lambda _parents: None
    _asked: Counter[str] = field(default_factory=Counter)

    def __call__(self, number: int, body: dict[str, Any]) -> Say:
        """The answer to a question, as a `tests.llm.server` script gives it."""
        asked = hashlib.sha256(json.dumps(body["messages"]).encode()).hexdigest()
        rng = np.random.default_rng([self.seed, self._asked[asked], int(asked[:16], 16)])
        self._asked[asked] += 1
        parents, others = shown(body["messages"])
        self.heard(parents)
        child = proposed(parents, others, rng)
        return Say(f"A small step.\n\n```python\n{child.strip()}\n```\n")


def shown(messages: list[dict[str, Any]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The programs to be improved, and those beside them in the same question.

    The last one in the conversation is to be improved (evo and ShinkaEvolve show what was best before, OpenEvolve what
    it calls top programs and inspirations); where a crossing is asked for, the last two are.
    """
    turns = [str(turn["content"]) for turn in messages if turn["role"] != "system"]
    before = [program for turn in turns[:-1] for program in _programs(turn)]
    now = _programs(turns[-1])
    if any(words in turns[-1] for words in _CROSS) and len(now) > 1:
        return tuple(now[-2:]), tuple(now[:-2])
    return tuple((before + now)[-1:]), tuple(now[:-1])


def proposed(parents: tuple[str, ...], others: tuple[str, ...], rng: np.random.Generator) -> str:
    """A neighbour of one program, one setting a rung away; or a crossing, of two parents or of one and another."""
    first, *rest = parents
    settings = places(first)
    if not rest and others and rng.random() < CROSSED:
        rest = [others[int(rng.integers(len(others)))]]
    for other in rest:
        theirs = places(other)
        settings = {
            name: theirs.get(name, rung) if rng.random() < 0.5 else rung for name, rung in settings.items()
        }
    if settings in [places(program) for program in (first, *rest)]:
        settings = stepped(settings, rng)
    child = moved(first, settings)
    return slipped(child) if rng.random() < SLIPS else child


def stepped(settings: dict[str, int], rng: np.random.Generator) -> dict[str, int]:
    """The settings with one of them a rung up or down; at an end there is one way only."""
    names = list(settings)
    name = names[int(rng.integers(len(names)))]
    step = 1 if rng.random() < 0.5 else -1
    if not 0 <= settings[name] + step < len(LADDERS[name]):
        step = -step
    return settings | {name: settings[name] + step}


def _programs(text: str) -> list[str]:
    """The programs in fences, in order."""
    return [block for block in re.findall(r"```python\n(.*?)\n```", text, re.DOTALL) if places(block)]
