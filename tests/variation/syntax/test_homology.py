"""Tests of crossing at decision points."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from evo.variation.syntax.draft import Draft
from evo.variation.syntax.homology import exchange_decision
from evo.variation.syntax.points import Decision, points

from .drafts import scheduler
from .samples import DRAIN, JOBS, STOCK
from .test_crossing import crossed

OURS = "for job in s.queue:\n    use(job.pipeline)"
WEIGHED = "len(p.values) * p.priority.value"


def test_decisions_are_found() -> None:
    """In whatever style a policy is written, it is seen where it decides what."""
    assert Counter(point.decision for point in points(Draft(DRAIN))) == {
        Decision.GUARD: 1,
        Decision.OPERATORS: 1,
        Decision.CPU: 1,
        Decision.RAM: 2,
    }
    found = {point.decision for point in points(Draft(STOCK["priority"]))}
    assert found == set(Decision) - {Decision.ORDER}


def test_when_to_try_again_and_whom_to_suspend() -> None:
    """What is asked about failed work, and about containers that may be suspended, are decisions too."""
    draft = Draft(STOCK["priority"])
    found = {(point.decision, draft.of(point.node)) for point in points(draft)}
    assert (Decision.SUSPENSION, "c.priority != Priority.QUERY") in found
    assert (Decision.RETRY, "cpu > free_cpu or ram > free_ram") in found
    theirs = scheduler(
        "for pool in s.executor.pools:\n    for c in pool.active_containers:\n"
        "        if len(pool.active_containers) > 3:\n            Suspend(c.container_id, 0)"
    )
    texts = crossed(exchange_decision, STOCK["priority"], theirs, 60)
    assert any("len(pool.active_containers) > 3" in text for text in texts)


def test_a_sort_key_in_other_words() -> None:
    """The other's order comes over, whatever the queue is called and whatever it holds."""
    theirs = scheduler(f"for p in sorted(s.waiting, key=lambda p: {WEIGHED}):\n    p.runtime_status()")
    texts = crossed(exchange_decision, scheduler(OURS), theirs)
    key = "len(job.pipeline.values) * job.pipeline.priority.value"
    assert scheduler(OURS.replace("s.queue", f"sorted(s.queue, key=lambda job: {key})")) in texts


def test_a_sort_key_for_a_sort_key() -> None:
    """Where both sort, one key takes the other's place."""
    ours = scheduler("s.queue.sort(key=lambda job: job.pipeline.priority.value)")
    theirs = scheduler(f"s.waiting.sort(key=lambda p: {WEIGHED})")
    texts = crossed(exchange_decision, ours, theirs)
    assert any("s.queue.sort(key=lambda job: len(job.pipeline.values) * job" in text for text in texts)


def test_a_guard_in_other_words() -> None:
    """A guard is added, with its jump, and asks about the pipeline at hand."""
    theirs = scheduler(
        "for p in pipelines:\n    if len(p.values) > 4:\n        break\n    p.runtime_status()"
    )
    texts = crossed(exchange_decision, scheduler(OURS), theirs)
    assert (
        scheduler(OURS.replace("    use", "    if len(job.pipeline.values) > 4:\n        break\n    use"))
        in texts
    )


def test_an_amount_in_other_words() -> None:
    """Memory is reckoned as the other does, with the pool and the free memory at hand."""
    texts = crossed(exchange_decision, DRAIN, JOBS, 60)
    assert any("need = s.executor.pools[0].avail_ram_pool" in text for text in texts)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_not_at_hand_does_not_come(seed: int) -> None:
    """A decision that looks at the other's own variables stays where it is."""
    theirs = scheduler("for p in pipelines:\n    limit = f()\n    if limit > 4:\n        break")
    change = exchange_decision(Draft(scheduler(OURS)), Draft(theirs), np.random.default_rng(seed))
    assert change is None


def test_nothing_new() -> None:
    """A parent that decides nothing in another way gives nothing."""
    assert crossed(exchange_decision, DRAIN, DRAIN) == set()
