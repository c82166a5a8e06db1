"""What the engine and the policy's side say to each other: the seam that keeps the score honest.

The engine (trusted, holds true costs and future arrivals) sends observations; the policy's side (it may be
another process) rebuilds Eudoxia-shaped objects from them, calls the policy and replies. Everything here is
plain data that msgspec encodes and checks, and nothing here says what an operator will cost.

Numbers used in messages: pipelines are counted from 0 in order of arrival, and operators from 0 over all
pipelines (by arrival, then by insertion), containers from 1 in order of creation (upstream's "c1" is 1), states
by their place in `STATES`. Kinds of number are kept: an int stays an int, a float a float.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import msgspec

Number = int | float


class Arrival(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A pipeline that arrives; `parents` and `estimates` have one entry per operator, in order of insertion."""

    pipeline_id: str
    priority: int
    parents: tuple[tuple[int, ...], ...]
    """Places of each operator's parents within this pipeline, in order of attachment, repeats included."""
    estimates: tuple[Number | None, ...]
    """`op.estimate.mem_peak_gb` in GB."""


class Observation(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="observation"):
    """What a scheduler may know at its call in `tick`: all that changed since the last reply."""

    tick: int
    quiet: int
    """For so many further ticks nothing below can change unless the policy acts (clock and memory aside)."""
    arrivals: tuple[Arrival, ...] = ()
    results: tuple[tuple[int, str | None], ...] = ()
    """(container, error) of the containers that ended in tick - 1; error is None, "OOM" or "timeout"."""
    moves: tuple[tuple[int, int], ...] = ()
    """(operator, new state), in the order in which they happened; ASSIGNED never appears."""
    started: tuple[tuple[int, int], ...] = ()
    """(container, place of its assignment in the last reply), in order of creation."""
    suspendable: tuple[tuple[int, bool], ...] = ()
    """(container, value of can_suspend_container()) where it changed."""
    suspending: tuple[int, ...] = ()
    """Containers that began to suspend."""
    suspended: tuple[int, ...] = ()
    """Containers whose suspension ended."""
    free: tuple[tuple[int, Number, Number], ...] = ()
    """(pool, avail_cpu_pool, avail_ram_pool) where they changed."""
    finished: tuple[int, ...] = ()
    """Pipelines whose completion was recorded, in tick - 1."""


class Memory(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="memory"):
    """Memory in GB as a tick found it: per pool in order, and per container that has not ended."""

    consumed: tuple[Number, ...]
    containers: tuple[tuple[int, Number], ...]


class AskMemory(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="ask"):
    """The policy reads memory during its call in `tick`; it has not acted in any tick before that."""

    tick: int


class Order(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An Assignment as the policy returned it; `pool` is whatever it gave, compared with == as upstream does."""

    ops: tuple[int, ...]
    cpu: Number
    ram: Number
    pool: Number | str | None
    pipeline: str


LIMITS = ("time", "work", "memory", "crash", "output")
"""Kinds of fault that are no exception's: wall seconds, counted steps, memory, a dead process, an unusable message."""


class Fault(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An exception on the policy's side: `kind` is its type's name, `line` the policy's line to blame.

    `phase` says when upstream would have met it: "init", "policy" (the call and the unpacking of what it
    returned), "executor" (walking what it returned, before any pool ran), "bookkeeping" (after the executor).
    `printed` is what the policy printed last. `action` says that the fault is in what the policy wanted done: in an
    action that can't be made, or in a return that holds no actions.
    """

    phase: str
    kind: str
    message: str
    line: int | None = None
    printed: str = ""
    action: bool = False


class Reply(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="reply"):
    """What the policy did in its call in `tick`, the first tick of those granted in which it did anything.

    If it did nothing in all of them, `tick` is the last. `every_tick` says that it must be called at the very
    next tick even if nothing happens; otherwise that its next call may wait until something observable does.
    """

    tick: int
    every_tick: bool
    assigned: tuple[int, ...] = ()
    """Operators that Assignment constructors moved to ASSIGNED since the last reply, in order."""
    suspensions: tuple[tuple[int | None, Number | str | None], ...] = ()
    """(container, pool as given); container is None where no container ever had that id."""
    orders: tuple[Order, ...] = ()
    arrivals_left: int = 0
    """len(pipelines) after the call: upstream counts arrivals on the list that the policy was given."""
    fault: Fault | None = None
    until_news: bool = False
    """Its next call may wait until there are results or arrivals, whatever else changes before; not with `every_tick`."""


class Start(msgspec.Struct, frozen=True, tag="start"):
    """The first message: the policy's source, the key it registers, and the parameters that it may read.

    `parameters` are Eudoxia's, defaults and unknown names included, without `scheduler_algo`.
    """

    source: str
    key: str
    parameters: dict[str, Any]
    every_tick: bool = False
    """Call the policy in every tick, whatever could be proven."""


MemoryProbe = Callable[[int], Memory]
"""Asks the engine for memory as it stands at the policy's call in a tick: see `AskMemory`."""


class Decider(Protocol):
    """The policy's side as the engine sees it: in this process for trusted policies, over a wire for others.

    Both methods return the policy's faults as values and raise only what is evo's own fault. A decider serves
    one run. A limit of the cage that was reached is a fault too, of one of the kinds in `LIMITS`.
    """

    def start(self, parameters: dict[str, Any], memory: MemoryProbe) -> Fault | None:
        """Load the policy and call its init function, with the clock at -1."""

    def decide(self, observation: Observation) -> Reply:
        """Call the policy at `observation.tick`, and on the quiet ticks after it for as long as needed."""
