"""What the facade notes while a policy runs: the tick, operators assigned, memory asked for, and whether it was still.

A call was *still* if it changed nothing that outlives it and read nothing that moves with time; only then may it
stand for the quiet ticks after it. One `Watch` is shared by all objects of one host, and knows nothing of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

from evo.simulator.messages import MemoryProbe, Number

_Value = TypeVar("_Value")


class Watch:
    """The notes of one host.

    `touch()` says that the call at hand may not stand for another, `alter()` that it changed the policy's own state
    and may only stand for another if it left that state as it was.
    """

    def __init__(self) -> None:
        self.tick = -1
        self.assigned: list[int] = []
        self.broken: BaseException | None = None
        self._probe: MemoryProbe | None = None
        self._memory: tuple[tuple[Number, ...], dict[int, Number]] | None = None
        self.tagged: dict[int, object] = {}
        """Objects of the facade that the policy gave attributes to, by `id`."""
        self.lost = False
        """Whether it ever changed something else, where its state could hide from then on."""
        # Lists, because clearing one is the cheapest call without arguments that leaves a mark.
        self._untouched: list[None] = [None]
        self._unaltered: list[None] = [None]
        self.touch: Callable[[], None] = self._untouched.clear
        self.alter: Callable[[], None] = self._unaltered.clear

    @property
    def calm(self) -> bool:
        """Whether all that was changed since `begin` is found again by walking the policy's own state."""
        return bool(self._untouched)

    @property
    def still(self) -> bool:
        """Whether nothing at all was changed since `begin`."""
        return bool(self._untouched and self._unaltered)

    def connect(self, probe: MemoryProbe) -> None:
        """Ask `probe` for memory from now on; before, all memory is 0.0."""
        self._probe = probe

    def begin(self, tick: int) -> None:
        """The policy is called in `tick`."""
        self.tick = tick
        self._memory = None
        if not self._untouched:
            self._untouched.append(None)
        if not self._unaltered:
            self._unaltered.append(None)

    def consumed(self, pool: int) -> Number:
        """Memory consumed in a pool in GB, as the call in this tick finds it."""
        return self._read()[0][pool] if self._probe is not None else 0.0

    def held(self, container: int) -> Number:
        """Memory of a container in GB; 0.0 once it has ended."""
        return self._read()[1].get(container, 0.0)

    def _read(self) -> tuple[tuple[Number, ...], dict[int, Number]]:
        assert self._probe is not None
        self.touch()
        if self._memory is None:
            try:
                memory = self._probe(self.tick)
            except BaseException as error:
                # The connection's failure, not the policy's: the host raises it even if the policy swallows it.
                self.broken = error
                raise
            self._memory = memory.consumed, dict(memory.containers)
        return self._memory


class Shown(list[Any]):
    """A list of the facade's: its owner changes it, and a policy should not."""


class ShownDict(dict[Any, Any]):
    """A dict of the facade's: its owner changes it, and a policy should not."""


class lazy(Generic[_Value]):  # noqa: N801 - used as `property` is
    """An attribute that is made when it is first read, and from then on is the object's own.

    As `functools.cached_property`, but without its lock.
    """

    def __init__(self, make: Callable[[Any], _Value]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, holder: None, owner: type) -> lazy[_Value]: ...
    @overload
    def __get__(self, holder: object, owner: type) -> _Value: ...
    def __get__(self, holder: object | None, owner: type) -> lazy[_Value] | _Value:
        if holder is None:
            return self
        value = vars(holder)[self._name] = self._make(holder)
        return value


class Facade:
    """An object that a policy sees; written out without its address, so that texts are the same in every run."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class SimClock(Facade):
    """The simulated clock (eudoxia/clock.py); before the first tick it stands at -1."""

    def __init__(self, watch: Watch, ticks_per_second: Number) -> None:
        self.evo_watch = watch
        self.ticks_per_second = ticks_per_second

    def now_ticks(self) -> int:
        """The tick of this call."""
        self.evo_watch.touch()
        return self.evo_watch.tick

    def now_seconds(self) -> float:
        """The time of this call in seconds."""
        self.evo_watch.touch()
        return self.evo_watch.tick / self.ticks_per_second
