"""What is made of a policy's source before it runs: its code, and what is proven of its calls.

Nothing of it changes when it runs, so that hosts of the same policy share it.
"""

from __future__ import annotations

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


@lru_cache(maxsize=_MOST_KEPT)
def program(source: str, *, every_tick: bool, counted: bool) -> Program:
    """The program of a source; raises what `ast.parse` and `compile` raise.

    With `every_tick` nothing is proven of it. If `counted`, it calls `WORK`.
    """
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
