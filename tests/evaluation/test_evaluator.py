"""The evaluator: any number of workers, any accident, the same outcomes in the same order."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from threading import Event, Thread

import pytest
from msgspec.structs import replace

from evo.cage import Limits
from evo.errors import CageError, InputError
from evo.evaluation.cache import Cache
from evo.evaluation.evaluator import Evaluator, default_workers
from evo.evaluation.insight import Witness
from evo.evaluation.metrics import judged
from evo.evaluation.runs import run_policy
from evo.evaluation.stages import Candidate, Demand
from evo.evaluation.suites import Suite
from evo.metric import Metric
from evo.population import Failure, FailureKind, Fitness, Partial, Policy
from evo.simulator.engine import simulate
from evo.simulator.scheduling.host import Host
from tests.evaluation.small import policy, suite

pytestmark = pytest.mark.all_cores

FAILS_LATE = "if s.clock.now_seconds() > 20 and len(s.queue) > 5: raise ValueError('too much')"


def contestants() -> list[Policy]:
    """Good and bad policies, and one that comes twice."""
    bodies = ["pass", FAILS_LATE, "raise KeyError('at once')", "return [], []", "os._exit(7)"]
    return [*(policy(body) for body in bodies), policy(cpu=16), policy()]


def in_process(policies: list[Policy]) -> list[Fitness | Failure]:
    """What comes out without any evaluator, for policies that can be run here."""
    small = suite()
    return [
        judged(
            Metric.LATENCY,
            [(trace.name, run_policy(each, trace, small.parameters).result) for trace in small.traces],
        )
        for each in policies
    ]


@pytest.fixture(scope="module")
def evaluator() -> Iterator[Evaluator]:
    """One evaluator with two workers."""
    with Evaluator(suite(), Metric.LATENCY, Limits(seconds=60), workers=2) as evaluator:
        yield evaluator


def without_behaviour(outcome: Fitness | Failure) -> Fitness | Failure:
    """The outcome as it is where nobody keeps a record of what a policy did."""
    if isinstance(outcome, Failure):
        return outcome
    scores = tuple(replace(score, behaviour=None) for score in outcome.per_trace)
    return replace(outcome, per_trace=scores)


def test_what_a_policy_did_is_told_apart(evaluator: Evaluator) -> None:
    """Other words for the same decisions are the same behaviour; with a single CPU it is another."""
    texts = (policy(), policy("idle = len(results)"), policy(cpu=1))
    done = [
        [behaviour.digest for behaviour in outcome.behaviours]
        for outcome in evaluator.evaluate(texts)
        if isinstance(outcome, Fitness)
    ]
    assert done[0] == done[1]
    assert done[0] != done[2]


def test_workers_never_change_results(evaluator: Evaluator) -> None:
    """One, two and three workers give the same outcomes in the order asked for, those of running by hand."""
    policies = contestants()
    by_two = list(evaluator.evaluate(policies))
    for workers in (1, 3):
        with Evaluator(suite(), Metric.LATENCY, Limits(seconds=60), workers) as other:
            assert list(other.evaluate(policies)) == by_two
    harmless = [each for each in policies if "os._exit" not in each.source]
    expected = [outcome for each, outcome in zip(policies, by_two, strict=True) if each in harmless]
    assert in_process(harmless) == [without_behaviour(outcome) for outcome in expected]
    assert isinstance(by_two[0], Fitness)
    assert by_two[0] == by_two[-1]
    kinds = [outcome.kind for outcome in by_two if isinstance(outcome, Failure)]
    assert kinds == [
        FailureKind.EXCEPTION,
        FailureKind.EXCEPTION,
        FailureKind.UNSCORED,
        FailureKind.CRASH,
    ]


def test_both_metrics_come_from_one_run() -> None:
    """A cache filled under one metric answers for the other without starting a process."""
    cache = Cache()
    with Evaluator(suite(), Metric.LATENCY, workers=1, cache=cache) as by_latency:
        assert len(list(by_latency.evaluate([policy()]))) == 1
    with Evaluator(suite(), Metric.THROUGHPUT, workers=1, cache=cache) as by_throughput:
        (outcome,) = by_throughput.evaluate([policy()])
        assert by_throughput._workers is None
    assert isinstance(outcome, Fitness)
    assert outcome.metric is Metric.THROUGHPUT


def test_insights_change_no_score() -> None:
    """With insight the same scores come out, each with what there is to say of its run, in any process the same."""
    small = suite()
    cache = Cache()
    with Evaluator(small, Metric.LATENCY, workers=1, cache=cache) as plain:
        (score,) = plain.evaluate([policy()])
    with Evaluator(small, Metric.LATENCY, workers=2, cache=cache, insight=True) as telling:
        (told, failed) = telling.evaluate([policy(), policy(FAILS_LATE)])
    assert isinstance(score, Fitness)
    assert isinstance(told, Fitness)
    assert isinstance(failed, Failure)
    assert [each.insight for each in score.per_trace] == [None] * 3
    expected = []
    for trace, each in zip(small.traces, score.per_trace, strict=True):
        schedule = trace.schedule(small.parameters.ticks_per_second, small.parameters.max_ticks)
        witness = Witness(schedule, small.parameters)
        simulate(Host(policy().source, "small"), schedule, small.parameters, None, witness)
        expected.append(replace(each, insight=witness.insight()))
    assert told == replace(score, per_trace=tuple(expected))
    with Evaluator(small, Metric.LATENCY, workers=1, cache=cache) as again:
        assert list(again.evaluate([policy()])) == [score]


def test_equal_normal_forms_run_once(evaluator: Evaluator) -> None:
    """Of policies with one hash the first is run, and its outcome is everyone's."""
    first, second = policy(cpu=4), policy("raise ValueError")
    twin = Policy(second.source, first.hash, second.key)
    one, other = evaluator.evaluate([first, twin])
    assert isinstance(one, Fitness)
    assert other is one


def test_what_a_journal_remembers_is_not_run_again() -> None:
    """Outcomes given back by a journal are taken at their word, except failures for lack of time."""
    failure = Failure(FailureKind.EXCEPTION, "remembered", "a", 3, 1)
    with Evaluator(suite(), Metric.LATENCY, workers=1) as evaluator:
        evaluator.remember(policy().hash, failure)
        assert list(evaluator.evaluate([policy()])) == [failure]
        assert evaluator._workers is None
        evaluator.remember(
            policy(cpu=16).hash, Failure(FailureKind.TIMEOUT, "slow machine", "a", 3, repeats=False)
        )
        (outcome,) = evaluator.evaluate([policy(cpu=16)])
        assert isinstance(outcome, Fitness)


def test_lack_of_time_is_a_failure_today_only() -> None:
    """A hanging policy fails with the limit's name, and isn't remembered as failed."""
    cache = Cache()
    hanging = policy("while True: pass")
    small = suite()
    with Evaluator(small, Metric.LATENCY, Limits(seconds=0.3), workers=2, cache=cache) as evaluator:
        (outcome,) = evaluator.evaluate([hanging])
        assert isinstance(outcome, Failure)
        assert (outcome.kind, outcome.trace, outcome.tick) == (FailureKind.TIMEOUT, "a", 0)
        assert not evaluator._settled
    assert cache.recall(hanging, small.traces[0].digest, small.parameters_digest) is None


def test_a_dead_worker_is_replaced(evaluator: Evaluator) -> None:
    """When engine processes are killed from outside, the evaluation goes on and nothing is lost."""
    (before,) = evaluator.evaluate([policy(cpu=5)])
    assert evaluator._workers is not None
    for process in list(evaluator._workers._pool._processes):
        os.kill(process, signal.SIGKILL)
    fresh = Policy(policy(cpu=5).source, "another hash", "small")
    assert list(evaluator.evaluate([fresh])) == [before]


def test_a_worker_that_dies_twice_is_our_error() -> None:
    """A trace on which engines keep dying ends in one clear error instead of a loop."""
    over = Event()
    with Evaluator(suite(), Metric.LATENCY, Limits(seconds=60), workers=1) as evaluator:
        killer = Thread(target=_kill_workers, args=(evaluator, over))
        killer.start()
        with pytest.raises(CageError, match="died twice on trace a"):
            list(evaluator.evaluate([policy("any(iter(int, 1))")]))
        over.set()
        killer.join()
        (outcome,) = evaluator.evaluate([policy()])
        assert isinstance(outcome, Fitness)


def _kill_workers(evaluator: Evaluator, over: Event) -> None:
    """Kill every engine process as soon as it is there."""
    while not over.wait(0.05):
        workers = evaluator._workers
        for process in list(workers._pool._processes or ()) if workers is not None else ():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def test_closing_does_not_wait_for_a_hanging_policy() -> None:
    """Whoever leaves in the middle of an evaluation gets out, however much time the policies still have."""
    with Evaluator(suite(), Metric.LATENCY, Limits(seconds=3600), workers=2) as evaluator:
        outcomes = evaluator.evaluate([policy(), policy("while True: pass"), policy(cpu=2)])
        assert isinstance(next(outcomes), Fitness)


def test_there_must_be_a_worker() -> None:
    """No workers is a mistake, and by default there are as many as usable cores."""
    with pytest.raises(InputError, match="at least 1 worker"):
        Evaluator(suite(), Metric.LATENCY, workers=0)
    assert default_workers() >= 1


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="processes can't be bound to cores here")
def test_workers_share_out_the_cores(evaluator: Evaluator) -> None:
    """Each worker keeps to one core, so that its policy is woken cheaply, and the owner keeps all of its own."""
    before = os.sched_getaffinity(0)
    list(evaluator.evaluate([policy(cpu=3)]))
    assert evaluator._workers is not None
    cores = {frozenset(os.sched_getaffinity(worker)) for worker in evaluator._workers._pool._processes}
    assert {len(core) for core in cores} == {1}
    assert len(cores) == min(2, len(before))
    assert os.sched_getaffinity(0) == before


def hurdles(whole: Fitness) -> list[Demand]:
    """Hurdles before that policy: one that it can't take after the first trace, its own score, one that it takes."""
    backwards = tuple(score.trace for score in reversed(whole.per_trace))
    return [
        Demand(backwards, whole.value / 1e6),
        Demand(tuple(score.trace for score in whole.per_trace), whole.value),
        Demand(backwards, whole.value * 1e6),
    ]


def test_hurdles_change_no_result_but_where_it_is_certain(evaluator: Evaluator) -> None:
    """The same policy before several hurdles: stopped at each in its own place, by any number of workers the same."""
    (whole,) = evaluator.evaluate([policy(cpu=6)])
    assert isinstance(whole, Fitness)
    candidates = [Candidate(policy(cpu=6), hurdle) for hurdle in (None, *hurdles(whole), None)]
    by_two = list(evaluator.stream(candidates))
    for workers in (1, 3):
        with Evaluator(suite(), Metric.LATENCY, Limits(seconds=60), workers) as other:
            assert list(other.stream(candidates)) == by_two
    first, at_once, _, taken, last = by_two
    assert first == last == taken == whole
    assert isinstance(at_once, Partial)
    assert at_once.per_trace == (whole.per_trace[-1],)
    assert at_once.left == 2


def test_what_needs_not_be_known_is_not_run() -> None:
    """One worker runs a policy that can't take its hurdle on one trace only, and does the others in the meantime."""
    small, cache = suite(), Cache()
    hopeless = Demand(("c", "a", "b"), 1e-9)
    with Evaluator(small, Metric.LATENCY, workers=1, cache=cache) as evaluator:
        outcomes = list(evaluator.stream([Candidate(policy(cpu=cpu), hopeless) for cpu in (2, 4)]))
    assert [outcome.left for outcome in outcomes if isinstance(outcome, Partial)] == [2, 2]
    known = [
        [
            trace.name
            for trace in small.traces
            if cache.recall(policy(cpu=cpu), trace.digest, small.parameters_digest)
        ]
        for cpu in (2, 4)
    ]
    assert known == [["c"], ["c"]]


def test_other_policies_come_before_what_may_not_be_needed() -> None:
    """As long as others are to be had, an idle worker waits for those instead of running a doubtful policy's next trace."""
    hopeless = Demand(("c", "a", "b"), 1e-9)
    with Evaluator(suite(), Metric.LATENCY, workers=3) as evaluator:

        def asked() -> Iterator[Candidate]:
            for count, cpu in enumerate((2, 4, 8)):
                under_way = 0 if evaluator._workers is None else len(evaluator._workers._running)
                assert under_way <= count
                yield Candidate(policy(cpu=cpu), hopeless)

        assert len(list(evaluator.stream(asked()))) == 3


def test_no_other_traces_come_near_a_policy() -> None:
    """What is for selection or test isn't handed to any process that runs policies, and no score is on it."""
    first, second, third = suite().traces
    parted = Suite("small", suite().parameters, (first,), (second,), (third,))
    with Evaluator(parted, Metric.LATENCY, workers=1) as evaluator:
        assert (evaluator.suite.selection, evaluator.suite.test) == ((), ())
        (outcome,) = evaluator.evaluate([policy()])
    assert isinstance(outcome, Fitness)
    assert [score.trace for score in outcome.per_trace] == ["a"]
