"""Chance in a child: every source of it that Python has draws the same in every run.

A policy may make a generator without a seed; that it gets another from run to run would make its score one of luck.
Clocks are left alone: the gate refuses them, and nothing in a simulation depends on them.
"""

from __future__ import annotations

import os
import random

import numpy as np


def settle() -> None:
    """Seed the global generators, and have all that asks the system for randomness ask a seeded stream instead."""
    stream = random.Random(0)  # noqa: S311 - chance is what there must be none of
    seed = random.Random.seed

    def seed_from_stream(self: random.Random, a: str | float | bytes | None = None, version: int = 2) -> None:
        seed(self, stream.getrandbits(128) if a is None else a, version)

    random.Random.seed = seed_from_stream  # type: ignore[assignment, method-assign]
    vars(random).update(seed=vars(random)["_inst"].seed, _urandom=stream.randbytes)
    vars(os).update(urandom=stream.randbytes, getrandom=lambda size, _flags=0: stream.randbytes(size))
    np.random.seed(0)  # noqa: NPY002 - policies may draw from the global generator, and must draw the same
    random.seed(0)
