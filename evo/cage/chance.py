"""Chance in a child: every source of it that Python has gives the same in every run.

A policy may make a generator without a seed, break ties by `id`, or walk through a set of its own objects; that it
gets something else from run to run would make its score one of luck. Clocks are left alone: the gate refuses them.
"""

from __future__ import annotations

import builtins
import os
import random
from abc import ABC
from functools import partial
from itertools import count
from typing import Any
from weakref import ref

import numpy as np

from evo.simulator.scheduling.watch import Facade

_address = id
_PLAIN = ((), (object,), (ABC,))
"""Bases of a class whose objects have the hash of their address."""


class _Numbers:
    """Numbers in the place of objects' addresses: in the order in which they are first asked for."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, ref[Any]]] = {}
        self._next = count(1)

    def of(self, thing: object) -> int:
        """The number of an object, as long as it lives; the address of one that can't be watched, as lists can't."""
        address = _address(thing)
        known = self._known.get(address)
        if known is not None:
            return known[0]
        try:
            watched = ref(thing, partial(self._forget, address))
        except TypeError:
            return address
        number = next(self._next)
        self._known[address] = (number, watched)
        return number

    def _forget(self, address: int, _dead: object) -> None:
        del self._known[address]


def settle() -> None:
    """Let nothing in this process depend on the system's randomness, or on where objects lie in memory."""
    _settle_generators()
    _settle_addresses()


def _settle_generators() -> None:
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


def _settle_addresses() -> None:
    """Have `id`, and the hashes of plain objects, by which sets are ordered, count objects instead."""
    number_of = _Numbers().of

    class Numbered:
        __slots__ = ()

        def __hash__(self) -> int:
            return number_of(self)

        def __repr__(self) -> str:
            kind = type(self)
            return f"<{kind.__module__}.{kind.__qualname__} object at {number_of(self):#x}>"

    make = builtins.__build_class__

    def make_numbered(body: Any, name: str, *bases: Any, **keywords: Any) -> Any:
        if bases in _PLAIN:
            bases = (*(base for base in bases if base is not object), Numbered)
        return make(body, name, *bases, **keywords)

    vars(builtins).update(id=number_of, __build_class__=make_numbered)
    Facade.__hash__ = Numbered.__hash__  # type: ignore[assignment]
