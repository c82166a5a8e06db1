"""How results are worded: better is better for either metric, and a share is never rounded up to all."""

from __future__ import annotations

import pytest

from evo.cli.words import completions, failures, improved, improvement, percent, times
from evo.metric import Metric
from evo.population import Fitness, TraceScore

LATENCY, THROUGHPUT = Metric.LATENCY, Metric.THROUGHPUT


@pytest.mark.parametrize(
    ("value", "reference", "metric", "gain", "words"),
    [
        (80.0, 100.0, LATENCY, 20.0, "20.0 % below naive"),
        (125.0, 100.0, LATENCY, -25.0, "25.0 % above naive"),
        (0.471, 0.1, THROUGHPUT, 371.0, "371.0 % above naive"),
        (0.5, 1.0, THROUGHPUT, -50.0, "50.0 % below naive"),
        (1.0, 1.0, LATENCY, 0.0, "no better than naive"),
        (1.0, 0.0, LATENCY, None, "not comparable with naive"),
    ],
)
def test_improvement(value: float, reference: float, metric: Metric, gain: float | None, words: str) -> None:
    """A positive improvement is a better policy, whichever way the metric points; the sentence says where it lies."""
    found = improvement(value, reference, metric)
    assert found == (None if gain is None else pytest.approx(gain))
    assert improved(found, metric, "naive") == words
    assert percent(found) == ("-" if gain is None else f"{gain:+,.1f} %")


def test_a_share_is_rounded_down() -> None:
    """Only a class of which all completed has 100; one that never arrived has no share."""
    score = TraceScore("a", 1.0, (999, 1000), (7, 7), (0, 0))
    assert completions(Fitness(LATENCY, 1.0, (score,))) == "99/100/-"


def test_failures_are_told_by_kind() -> None:
    """The most frequent kind comes first, equals by name."""
    assert failures({"timeout": 1, "exception": 2, "crash": 1}) == "2 exception, 1 crash, 1 timeout"
    assert failures({}) == "-"


def test_how_often_a_bound_is_missed() -> None:
    """To two digits, thousands apart; a dash where nobody knows."""
    assert [times(gap) for gap in (1.0, 1.235, 1234.5, None)] == ["1.00x", "1.24x", "1,234.50x", "-"]
