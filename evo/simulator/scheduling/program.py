"""What is made of a policy's source before it runs: its code, and what is proven of its calls.

Nothing of it changes when it runs, so that hosts of the same policy share it, in one process or, packed, in several
with the same interpreter. A packed program is code: unpack it only where the policy itself may run.
"""

from __future__ import annotations

import marshal
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType

from evo.simulator.scheduling.idle import count_work, watch_changes
from evo.simulator.scheduling.loading import compiled, parse
from evo.simulator.scheduling.reactive import Resting, guards, resting

_MOST_KEPT = 64


@dataclass(frozen=True, slots=True)
class Program:
    """The code of a policy's module.

    Either it is watched (see `idle`), or an `obstacle` says why that proves nothing, or it need not be, because
    every scheduler in it is `resting`: does nothing when there is no news.
    """

    code: CodeType
    watched: bool
    obstacle: str | None
    resting: tuple[Resting, ...] = ()


_given: ContextVar[tuple[str, bool, bool, Program] | None] = ContextVar("_given", default=None)


def give(source: str, made: Program, *, every_tick: bool, counted: bool) -> None:
    """Have `program` return this for that source: the same that it would make, made in another process."""
    _given.set((source, every_tick, counted, made))


def packed(made: Program) -> bytes:
    """A program as bytes."""
    rest = [(each.code, sorted(each.needs)) for each in made.resting]
    return marshal.dumps((made.code, made.watched, made.obstacle, rest))


def unpacked(data: bytes) -> Program:
    """The program that was packed; raises ValueError, EOFError or TypeError for other bytes, or runs as wild."""
    code, watched, obstacle, rest = marshal.loads(data)  # noqa: S302 - only where the policy itself may run
    return Program(code, watched, obstacle, tuple(Resting(each, frozenset(needs)) for each, needs in rest))


@lru_cache(maxsize=_MOST_KEPT)
def program(source: str, *, every_tick: bool, counted: bool) -> Program:
    """The program of a source; raises what `ast.parse` and `compile` raise.

    With `every_tick` nothing is proven of it. If `counted`, it calls `WORK`.
    """
    given = _given.get()
    if given is not None and given[:3] == (source, every_tick, counted):
        return given[3]
    tree = parse(source)
    guarded = [] if every_tick else guards(tree)
    obstacle = "called in every tick" if every_tick else None
    if not (every_tick or guarded):
        obstacle = watch_changes(tree)
        if obstacle is not None:
            tree = parse(source)
    if counted:
        count_work(tree)
    code = compiled(tree)
    watched = not guarded and obstacle is None
    return Program(code, watched, obstacle, resting(guarded, code))
