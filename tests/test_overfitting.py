"""What an individual owes to the train traces: told apart from traces that are harder, and from chance among them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo.metric import Metric
from evo.overfitting import Both, gap, reference
from evo.population import Failure, FailureKind, Fitness, Individual, Lineage, Policy, TraceScore

VALUES = st.lists(st.floats(0.1, 1000), min_size=4, max_size=4)


def fitness(values: Sequence[float], metric: Metric = Metric.LATENCY) -> Fitness:
    """These values on traces 0, 1, 2 and so on."""
    scores = [TraceScore(str(n), value, (1, 1), (1, 1), (1, 1)) for n, value in enumerate(values)]
    return Fitness(metric, float(np.median(values)), tuple(scores))


def both(train: Sequence[float], selection: Sequence[float], metric: Metric = Metric.LATENCY) -> Both:
    """These values on the train and on the selection traces."""
    return Both(fitness(train, metric), fitness(selection, metric))


STOCK = both([90, 100, 110, 120], [180, 200, 220, 240])


def test_harder_traces_are_no_overfitting() -> None:
    """Where everybody takes twice as long on the selection traces, nobody has lost anything."""
    found = gap(both([45, 50, 55, 60], [90, 100, 110, 120]), STOCK, seed=1)
    assert found is not None
    assert found.percent == pytest.approx(0)
    assert found.spread is not None
    assert not found.overfits


def test_who_loses_more_than_the_reference_overfits() -> None:
    """Half as slow where it was bred and as slow as the reference elsewhere: it has lost twice as much, on each trace."""
    found = gap(both([45, 50, 55, 60], [180, 200, 220, 240]), STOCK, seed=1)
    assert found is not None
    assert found.percent == pytest.approx(100)
    assert found.spread == pytest.approx(0)
    assert found.overfits


def test_where_more_is_better_a_loss_is_less() -> None:
    """By throughput, whoever completes half as much elsewhere as the reference has lost twice as much; gains are negative."""
    stock = both([4, 5, 6, 7], [4, 5, 6, 7], Metric.THROUGHPUT)
    losing = gap(both([8, 10, 12, 14], [4, 5, 6, 7], Metric.THROUGHPUT), stock, seed=1)
    gaining = gap(both([4, 5, 6, 7], [8, 10, 12, 14], Metric.THROUGHPUT), stock, seed=1)
    assert losing is not None
    assert gaining is not None
    assert losing.percent == pytest.approx(100)
    assert gaining.percent == pytest.approx(-50)
    assert losing.overfits
    assert not gaining.overfits


def test_one_odd_trace_proves_nothing() -> None:
    """A gap that a single one of the traces makes may be that one's doing."""
    odd = gap(both([90, 10, 10, 120], [180, 200, 220, 240]), STOCK, seed=1)
    assert odd is not None
    assert odd.percent > 50
    assert not odd.overfits


@pytest.mark.parametrize(("train", "selection"), [(2, 4), (4, 2)])
def test_a_handful_of_traces_tells_no_spread(train: int, selection: int) -> None:
    """With fewer than three traces of a kind there is a gap, and nobody can say how large is large."""
    one = both([50, 50, 50, 50][:train], [400, 400, 400, 400][:selection])
    found = gap(one, both([100] * train, [100] * selection), seed=1)
    assert found is not None
    assert found.percent == pytest.approx(700)
    assert (found.spread, found.overfits) == (None, False)


def test_without_a_ratio_there_is_no_gap() -> None:
    """A value of nought has no ratio to any other."""
    assert gap(both([0, 1, 2, 3], [1, 1, 1, 1]), STOCK, seed=1) is None


@settings(max_examples=40)
@given(VALUES, VALUES, VALUES, VALUES, st.floats(0.1, 10), st.integers(0, 2**63 - 1))
def test_how_hard_the_traces_are_does_not_matter(
    train: list[float],
    selection: list[float],
    other_train: list[float],
    other_selection: list[float],
    factor: float,
    seed: int,
) -> None:
    """Traces on which all take longer by a factor leave gap and spread; the same seed gives the same, to the bit."""
    one, other = both(train, selection), both(other_train, other_selection)
    found, again = gap(one, other, seed), gap(one, other, seed)
    assert found == again
    harder = gap(
        both(train, [factor * value for value in selection]),
        both(other_train, [factor * value for value in other_selection]),
        seed,
    )
    assert found is not None
    assert harder is not None
    assert harder.percent == pytest.approx(found.percent, rel=1e-6, abs=1e-6)
    assert harder.spread == pytest.approx(found.spread, rel=1e-6, abs=1e-6)


def test_chance_marks_few() -> None:
    """Of policies that differ from the reference by nothing but noise, no more than 5 in 100 are marked on four traces."""
    rng, marked = np.random.default_rng(0), 0
    for _ in range(200):
        hard = rng.normal(0, 0.5, (2, 4))
        one, other = (both(*np.exp(hard + rng.normal(0, 0.1, (2, 4))).tolist()) for _ in range(2))
        found = gap(one, other, seed=1)
        marked += found is not None and found.overfits
    assert marked <= 10


def founder(number: int, value: float | None, name: str, variation: str = "initial") -> Individual:
    """An individual that the run began with, or another."""
    outcome = fitness([value]) if value is not None else Failure(FailureKind.EXCEPTION, "")
    return Individual(number, 0, Policy("", name, "k"), Lineage(variation, detail=name), outcome)


POOL = [
    founder(0, None, "overbook"),
    founder(1, 90.0, "naive"),
    founder(2, 50.0, "mine"),
    founder(3, 70.0, "priority"),
    founder(4, 10.0, "priority", "mutation"),
]
FAILED = Failure(FailureKind.TIMEOUT, "")


@pytest.mark.parametrize(
    ("init", "failed", "number"),
    [
        ((), (), 2),
        (("overbook", "naive", "priority", "policies/mine.py"), (), 3),
        (("overbook", "naive", "priority", "policies/mine.py"), (3,), 1),
        (("overbook", "policies/mine.py"), (), 2),
        (("a/naive.py", "b/mine.py"), (2, 3), 1),
        ((), (1, 2, 3), None),
    ],
)
def test_the_reference(init: tuple[str, ...], failed: tuple[int, ...], number: int | None) -> None:
    """The best stock policy that the run began with, named or by default; without one the best founder; never a failure."""
    found = reference(POOL, init, dict.fromkeys(failed, FAILED))
    assert (None if found is None else found.number) == number
