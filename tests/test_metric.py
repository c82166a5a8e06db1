"""What can be optimised: a metric has all its words, and one that is missing some is found here."""

from __future__ import annotations

import math

import pytest

from evo.metric import Metric, each


def test_directions() -> None:
    """Less latency is better, and more throughput; nothing is better than its equal."""
    assert Metric.LATENCY.better(1.0, 2.0)
    assert Metric.THROUGHPUT.better(2.0, 1.0)
    assert Metric.QUERY_P99.better(1.0, 2.0)
    assert not any(metric.better(1.0, 1.0) for metric in Metric)


@pytest.mark.parametrize("metric", Metric)
def test_costs(metric: Metric) -> None:
    """Turned into a cost, less is better by any metric."""
    assert metric.better(2.0, 1.0) is (metric.cost(2.0) < metric.cost(1.0))


@pytest.mark.parametrize("metric", Metric)
def test_every_metric_has_its_words(metric: Metric) -> None:
    """Whoever is shown a value is told what it is; a class's metric names the class."""
    assert metric.meaning.startswith(f"`{metric.value}`, in {metric.unit}; ")
    assert metric.head
    assert metric.suffix.strip()
    assert (metric.of_class or "pipeline") in metric.counted or metric is Metric.THROUGHPUT
    assert (metric.of_class is None) is (metric.percent is None) is ("-p" not in metric.value)


def test_one_or_several() -> None:
    """A metric alone is one of one."""
    assert each(Metric.LATENCY) == (Metric.LATENCY,)
    assert each((Metric.BATCH_P99, Metric.LATENCY)) == (Metric.BATCH_P99, Metric.LATENCY)


@pytest.mark.parametrize(
    ("metric", "value", "bound", "times"),
    [
        (Metric.PENALIZED, 90.0, 60.0, 1.5),
        (Metric.PENALIZED, 60.0, 60.0, 1.0),
        (Metric.THROUGHPUT, 2.0, 3.0, 1.5),
        (Metric.THROUGHPUT, 3.0, 3.0, 1.0),
        (Metric.PENALIZED, 90.0, 0.0, None),
        (Metric.PENALIZED, 0.0, 60.0, None),
        (Metric.THROUGHPUT, 0.0, 3.0, None),
        (Metric.THROUGHPUT, 2.0, 0.0, None),
        (Metric.PENALIZED, 90.0, math.inf, None),
        (Metric.THROUGHPUT, 2.0, math.inf, None),
        (Metric.PENALIZED, 90.0, None, None),
        (Metric.THROUGHPUT, 2.0, None, None),
    ],
)
def test_how_far_a_bound_is_missed(
    metric: Metric, value: float, bound: float | None, times: float | None
) -> None:
    """The worse of the two is so many times the better, whatever the direction; without a ratio there is none."""
    assert metric.gap(value, bound) == times


@pytest.mark.parametrize("metric", Metric)
def test_who_is_better_misses_a_bound_by_less(metric: Metric) -> None:
    """Between two values that don't better the bound the better one has the smaller gap, and none is below 1."""
    bound, near, far = (4.0, 3.0, 2.0) if metric.higher_is_better else (2.0, 3.0, 4.0)
    gaps = [metric.gap(value, bound) for value in (bound, near, far)]
    assert gaps == sorted(set(gaps), key=lambda gap: gap or 0.0)
    assert gaps[0] == 1.0
