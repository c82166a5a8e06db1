"""Why a policy has its score on a trace, in numbers: plain values, saved with a score where somebody asked for them.

How they are found in the record of a run is `evaluation.insight`'s, how they are told `evaluation.wording`'s.
"""

from __future__ import annotations

import msgspec


class ClassInsight(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How the pipelines of one priority class fared in a run; seconds, None where none was completed.

    Mean latency is `waiting` (none of the pipeline's operators ran, though one could have) plus `running`, in vain or
    not. Of the `operators` of all that arrived `never_run` were never begun in any container.
    """

    arrived: int
    completed: int
    timed_out: int
    mean_latency: float | None
    worst_latency: float | None
    waiting: float | None
    running: float | None
    operators: int
    never_run: int


class Usage(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What became of a resource in a run: CPUs or GB of RAM, times seconds.

    Of the cluster's `capacity` containers `held` so much. Of that `unneeded` could have been left out of them without
    any operator being slower or killed, and `lost` went to work that a kill undid. `mean` is a container's mean size,
    in CPUs or GB.
    """

    capacity: float
    held: float
    unneeded: float
    lost: float
    mean: float


class Insight(msgspec.Struct, frozen=True):
    """Why a policy has its score on a trace, from the engine's own record of the run; four significant digits.

    Counted are containers started, killed for memory (`ooms`), killed because a pipeline's time was up (`timeouts`),
    and suspended. `large_unfinished` is the share of the unfinished pipelines that have more operators than the
    median pipeline, None if all were finished. No policy whatever has a latency below `latency_bound` (None: no
    pipeline can be completed), a throughput above `throughput_bound`, or a penalized latency below `penalized_bound` (None:
    not yet told when the run was saved) on this trace.
    """

    query: ClassInsight
    interactive: ClassInsight
    batch: ClassInsight
    cpu: Usage
    ram: Usage
    containers: int
    ooms: int
    timeouts: int
    suspensions: int
    large_unfinished: float | None
    latency_bound: float | None
    throughput_bound: float
    penalized_bound: float | None = None
