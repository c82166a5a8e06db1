"""What came of a policy, told apart from how it is written: by a digest, and by what can be seen from afar.

Two policies with the same digest on every trace are one behaviour, however they came to it. From afar behaviours fall
into niches, so that a search can keep the best of each sort. Plain values; nothing here knows how they are measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import fmean

import msgspec

Niche = tuple[int, ...]
"""A sort of behaviour: policies with equal ones do alike."""

_KILLED = (0.0, 0.1, 0.3)
_SUSPENDED = (0.0,)
_HELD = (0.33, 0.67)


class Behaviour(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a policy did on one trace; two significant digits.

    `digest` stands for all that came of it: which pipeline was completed when, and how many containers ended in which
    way. Of the containers a share was `killed` for memory and a share `suspended`. Of the cluster's CPUs and memory a
    share was held on average. A query, interactive and batch pipeline waited on average for `waits` of the trace until
    its first container, or to the trace's end; None where no such pipeline arrived.
    """

    digest: str
    killed: float
    suspended: float
    cpu: float
    ram: float
    waits: tuple[float | None, float | None, float | None]


def niche(behaviours: Sequence[Behaviour]) -> Niche:
    """The niche of a policy that did this on the traces of a suite: a cell of a grid, over the mean of the traces.

    The axes: memory kills (none, few, some, many), suspensions (none, some), CPUs and memory held (a third each), and
    the class that waits longest.
    """
    waits = [_mean(behaviour.waits[place] for behaviour in behaviours) for place in range(3)]
    return (
        _cell(fmean(behaviour.killed for behaviour in behaviours), _KILLED),
        _cell(fmean(behaviour.suspended for behaviour in behaviours), _SUSPENDED),
        _cell(fmean(behaviour.cpu for behaviour in behaviours), _HELD),
        _cell(fmean(behaviour.ram for behaviour in behaviours), _HELD),
        waits.index(max(waits)),
    )


def _cell(value: float, edges: Sequence[float]) -> int:
    return sum(value > edge for edge in edges)


def _mean(values: Iterable[float | None]) -> float:
    known = [value for value in values if value is not None]
    return fmean(known) if known else 0.0
