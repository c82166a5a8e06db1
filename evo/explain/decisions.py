"""The first decision in which two policies differ on a trace, how things stood then, and how it ended for both.

Up to that tick both did the same to the same cluster, so what they decide there is answered to one situation. Told
from the engine's own record of each run. Knows no words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evo.cage import Limits
from evo.evaluation.classes import NAMES
from evo.evaluation.metrics import Measurement, trace_score
from evo.evaluation.suites import Suite
from evo.evaluation.worker import Recording, record
from evo.evaluation.workers import pooled
from evo.metric import CLASSES, Metrics
from evo.population import Failure, Policy, TraceScore
from evo.simulator.messages import Number
from evo.simulator.trace import PipelineSpec, Trace

Standing = dict[str, tuple[int, int]]
"""(completed, arrived) pipelines per class."""


@dataclass(frozen=True, slots=True)
class Container:
    """What is started or suspended: so much of a pool for some of a pipeline's operators, by their places from 0.

    `whose` is the class of the pipeline, and `among` how many operators that has.
    """

    pipeline: str
    whose: str
    operators: tuple[int, ...]
    among: int
    cpu: Number
    ram: Number
    pool: Number | str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a policy did in a tick and the other did not."""

    started: tuple[Container, ...] = ()
    suspended: tuple[Container, ...] = ()


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where two policies part on the trace of that name: in which tick and second, and what each of them did there.

    `before` is how things stood for both at that moment. Without a tick they did the same throughout.
    """

    trace: str
    tick: int | None
    seconds: float | None
    ours: Decision
    theirs: Decision
    before: Standing
    our_end: TraceScore | Failure
    their_end: TraceScore | Failure


def recordings(
    runs: Sequence[tuple[Policy, int]], suite: Suite, limits: Limits, workers: int
) -> Generator[Recording, None, None]:
    """A record of each (policy, place of a trace) in order; raises CageError."""
    with pooled(min(workers, len(runs)), suite, limits) as pool:
        for future in [pool.submit(record, policy, place) for policy, place in runs]:
            yield future.result()


def divergence(suite: Suite, place: int, metrics: Metrics, ours: Recording, theirs: Recording) -> Divergence:
    """Where two recorded runs on the same trace of a suite part."""
    trace = suite.traces[place]
    mine, others = _decided(ours, trace), _decided(theirs, trace)
    ticks = sorted(set(mine) | set(others))
    tick = next((tick for tick in ticks if mine.get(tick) != others.get(tick)), None)
    known = ours if isinstance(ours.outcome, Measurement) else theirs
    return Divergence(
        trace=trace.name,
        tick=tick,
        seconds=None if tick is None else tick * suite.parameters.tick_length,
        ours=_decision(mine, others, tick),
        theirs=_decision(others, mine, tick),
        before={} if tick is None else _standing(suite, place, known.finished, tick),
        our_end=_end(ours, trace, metrics),
        their_end=_end(theirs, trace, metrics),
    )


_Actions = tuple[Counter[Container], Counter[Container]]
"""What was started and suspended in a tick."""


def _decided(recording: Recording, trace: Trace) -> dict[int, _Actions]:
    """The actions of a run by tick; what can't be read is none."""
    specs = {spec.pipeline_id: spec for _, spec in trace.pipelines}
    living: dict[object, Container] = {}
    found: dict[int, _Actions] = {}
    for line in recording.events:
        if not isinstance(line["assignments"], list):
            continue
        started = [_container(order, specs) for order in line["assignments"]]
        suspended = [living[number] for number, _ in line["suspensions"] if number in living]
        numbers = [order["container"] for order in line["assignments"]]
        living |= dict(zip(numbers, started, strict=True))
        if started or suspended:
            found[line["tick"]] = Counter(started), Counter(suspended)
    return found


def _container(order: Mapping[str, Any], specs: Mapping[str, PipelineSpec]) -> Container:
    name = order.get("op_pipelines", [order["pipeline"]])[0]
    spec = specs.get(name)
    whose, among = ("", 0) if spec is None else (NAMES[spec.priority], len(spec.operators))
    return Container(name, whose, tuple(order["ops"]), among, order["cpu"], order["ram"], order["pool"])


def _decision(mine: Mapping[int, _Actions], others: Mapping[int, _Actions], tick: int | None) -> Decision:
    """What I did in a tick and the other did not."""
    if tick not in mine or tick is None:
        return Decision()
    nothing = Counter[Container](), Counter[Container]()
    pairs = zip(mine[tick], others.get(tick, nothing), strict=True)
    started, suspended = (tuple((own - other).elements()) for own, other in pairs)
    return Decision(started, suspended)


def _standing(suite: Suite, place: int, finished: Sequence[tuple[int, int]], tick: int) -> Standing:
    """Pipelines completed before a tick, and arrived up to it."""
    parameters = suite.parameters
    schedule = suite.traces[place].schedule(parameters.ticks_per_second, parameters.max_ticks)
    arrived = [(at, NAMES[spec.priority]) for at, specs in schedule for spec in specs]
    here = Counter(name for at, name in arrived if at <= tick)
    done = Counter(arrived[number][1] for number, at in finished if at < tick)
    return {name: (done[name], here[name]) for name in CLASSES}


def _end(recording: Recording, trace: Trace, metrics: Metrics) -> TraceScore | Failure:
    outcome = recording.outcome
    return outcome if isinstance(outcome, Failure) else trace_score(metrics, trace.name, outcome)
