"""What can be optimised: a metric has all its words, and one that is missing some is found here."""

from __future__ import annotations

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
