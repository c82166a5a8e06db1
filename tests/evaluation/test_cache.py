"""The cache: what is known is known exactly, and only what would repeat is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evo.evaluation.cache import Cache
from evo.evaluation.metrics import Measurement
from evo.insights import ClassInsight, Insight, Usage
from evo.metric import Metric
from evo.population import Failure, FailureKind, Policy

OUTCOME = Measurement({Metric.LATENCY: 10.0}, (1, 2), (3, 4), (5, 6))
POLICY, OTHER = (Policy(f"source of {name}", name, "key") for name in ("policy", "other"))


def test_outcomes_are_recalled_by_all_that_they_depend_on() -> None:
    """Another policy, trace, cluster or simulator is another question."""
    cache = Cache()
    cache.remember(POLICY, "trace", "cluster", OUTCOME)
    assert cache.recall(POLICY, "trace", "cluster") == OUTCOME
    assert cache.recall(OTHER, "trace", "cluster") is None
    assert cache.recall(POLICY, "other", "cluster") is None
    assert cache.recall(POLICY, "trace", "other") is None


def test_another_simulator_knows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the simulator's version changes, so may every result."""
    cache = Cache()
    cache.remember(POLICY, "trace", "cluster", OUTCOME)
    monkeypatch.setattr("evo.evaluation.cache.SIMULATOR_VERSION", "another")
    assert cache.recall(POLICY, "trace", "cluster") is None


def test_lack_of_time_is_forgotten() -> None:
    """A failure of this machine's mood is not kept, one of the policy's is, and the first answer stands."""
    cache = Cache()
    cache.remember(POLICY, "trace", "cluster", Failure(FailureKind.TIMEOUT, "too slow", repeats=False))
    assert cache.recall(POLICY, "trace", "cluster") is None
    failure = Failure(FailureKind.TIMEOUT, "too many steps")
    cache.remember(POLICY, "trace", "cluster", failure)
    cache.remember(POLICY, "trace", "cluster", OUTCOME)
    assert cache.recall(POLICY, "trace", "cluster") == failure


def test_an_insight_is_there_if_asked_for() -> None:
    """What is known without one doesn't answer who wants one, and nobody else is told of it."""
    nobody = ClassInsight(0, 0, 0, None, None, None, None, 0, 0)
    nothing = Usage(1.0, 0.0, 0.0, 0.0, 0.0)
    insight = Insight(nobody, nobody, nobody, nothing, nothing, 1, 0, 0, 0, None, None, 1.0)
    cache = Cache()
    cache.remember(POLICY, "trace", "cluster", OUTCOME)
    assert cache.recall(POLICY, "trace", "cluster", insight=True) is None
    explained = replace(OUTCOME, insight=insight)
    for outcome in (explained, OUTCOME):
        cache.remember(POLICY, "trace", "cluster", outcome)
        assert cache.recall(POLICY, "trace", "cluster", insight=True) == explained
        assert cache.recall(POLICY, "trace", "cluster") == OUTCOME
    failure = Failure(FailureKind.EXCEPTION, "why")
    cache.remember(OTHER, "trace", "cluster", failure)
    assert cache.recall(OTHER, "trace", "cluster", insight=True) == failure


def test_a_failure_is_known_of_one_text_only() -> None:
    """A twin with another comment fails on another line; what it reaches if it doesn't fail is the same."""
    twin = Policy("# a comment\nsource of policy", POLICY.hash, POLICY.key)
    cache = Cache()
    cache.remember(POLICY, "trace", "cluster", Failure(FailureKind.EXCEPTION, "why", line=1))
    assert cache.recall(twin, "trace", "cluster") is None
    cache.remember(twin, "trace", "cluster", Failure(FailureKind.EXCEPTION, "why", line=2))
    for policy, line in ((POLICY, 1), (twin, 2)):
        failure = cache.recall(policy, "trace", "cluster")
        assert isinstance(failure, Failure)
        assert failure.line == line
    cache.remember(POLICY, "other", "cluster", OUTCOME)
    assert cache.recall(twin, "other", "cluster") == OUTCOME
