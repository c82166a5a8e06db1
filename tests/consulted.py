"""A model to be consulted in tests: it writes neighbours of the policy that it is shown, the same for the same question.

How often it writes nonsense, and how long it takes, is up to the test; so is what the server does besides.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from evo.answers import Answers, SavedAnswer
from evo.config import RunConfig
from tests.llm.server import Say

PRICE = (3.0, 15.0)
"""Dollars per million tokens, in and out."""


@dataclass(frozen=True)
class Neighbour:
    """A model that changes the policy it is shown by a few steps; `nonsense` is the share of answers that are no policy.

    Answers take `delay` seconds, half of that more or less by chance, if there is a delay.
    """

    nonsense: float = 0.0
    delay: float = 0.0

    def __call__(self, number: int, body: dict[str, Any]) -> Say:
        """The answer, a function of the question alone; only how long it takes has to do with its number."""
        asked = json.dumps(body["messages"]).encode()
        rng = np.random.default_rng(list(hashlib.sha256(asked).digest()))
        wait = self.delay * (0.5 + np.random.default_rng(number).random())
        if rng.random() < self.nonsense:
            return Say("Here is my idea:\n```python\ndef schedule(:\n```\n", delay=wait)
        return Say(f"A thought.\n\n```python\n{changed(shown(body), rng)}```\n", delay=wait)


def shown(body: dict[str, Any]) -> str:
    """The last policy in a question."""
    asked = "\n".join(str(turn["content"]) for turn in body["messages"] if turn["role"] == "user")
    found = [
        text
        for text in re.findall(r"```python\n(.*?)\n```", asked, re.DOTALL)
        if "register_scheduler" in text
    ]
    return str(found[-1]) + "\n"


def changed(source: str, rng: np.random.Generator) -> str:
    """The policy with another number in one place; the text alone is looked at, since the parser bears one thread."""
    places = list(re.finditer(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])", source))
    place = places[int(rng.integers(len(places)))]
    number = f"{float(place[0]) * float(rng.choice([0.5, 2.0, 3.0])) + 0.25:.2f}"
    return source[: place.start()] + number + source[place.end() :]


def asking(url: str, tiny: Path, **given: Any) -> RunConfig:
    """A small run whose children are all made by the model behind that address, at `PRICE`."""
    name = f"{url}#neighbour"
    settings: dict[str, Any] = {
        "suite": str(tiny),
        "seed": 2,
        "generations": 2,
        "population": 5,
        "children": 6,
        "init": ("naive", "overbook"),
        "models": (name,),
        "model_share": 1.0,
        "prices": {name: PRICE},
        "novelty": False,
    }
    return RunConfig(**(settings | given))


def answers(root: Path, name: str = "mine") -> list[SavedAnswer]:
    """All answers that a run holds."""
    return list(Answers(root / name).all())


def cost(saved: list[SavedAnswer]) -> Decimal:
    """What they cost, all of them priced."""
    prices = [one.price for one in saved]
    assert None not in prices
    return sum((price for price in prices if price is not None), Decimal(0))
