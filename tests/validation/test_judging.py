"""What is concluded from scores, by numbers alone: starving, breaking, how far it is to the bound."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from evo.metric import Metric
from evo.population import Failure, FailureKind, Fitness, Policy, TraceScore
from evo.validation.entrants import Entrant, Role
from evo.validation.judging import breaks, judge
from evo.validation.perturbations import Perturbation
from evo.validation.trying import Disturbed
from tests.evaluation import small

FAILED = Failure(FailureKind.TIMEOUT, "60 s", "a")


def fitness(
    values: Sequence[float], batch: tuple[int, int] = (5, 10), metric: Metric = Metric.LATENCY
) -> Fitness:
    """These values on as many traces, each with as many batch pipelines completed."""
    scores = tuple(TraceScore(str(n), value, (1, 1), (0, 0), batch) for n, value in enumerate(values))
    return Fitness(metric, sorted(values)[len(values) // 2], scores)


def entrant(name: str, role: Role, train: Fitness | None = None) -> Entrant:
    """Somebody of that name."""
    return Entrant(name, Policy("", name, "k"), role, train)


def test_differences_are_from_the_stock_policies_and_the_best_of_them() -> None:
    """Every policy is held against `naive`, `priority` and the best stock policy, but not against itself."""
    ran: list[tuple[Entrant, Fitness | Failure]] = [
        (entrant("7", "candidate"), fitness([1, 2, 3])),
        (entrant("naive", "stock"), fitness([4, 8, 12])),
        (entrant("other", "stock"), fitness([2, 4, 6])),
        (entrant("priority", "stock"), FAILED),
    ]
    found = judge(ran, (Metric.LATENCY,), None)
    assert (found.best_stock, found.reference) == ("other", None)
    assert [set(one.against) for one in found.standings] == [{"naive", "other"}, {"other"}, {"naive"}, set()]
    percent = found.standings[0].against["naive"][Metric.LATENCY].percent
    assert percent is not None
    assert percent.median == pytest.approx(75)


def test_gaps_are_measured_by_the_best_stock_policy_on_the_train_traces() -> None:
    """Who loses twice as much as that one overfits; of whom no train fitness is known, nothing is known."""
    ran: list[tuple[Entrant, Fitness | Failure]] = [
        (entrant("7", "candidate", fitness([1, 1, 1])), fitness([4, 4, 4])),
        (entrant("naive", "stock", fitness([3, 3, 3])), fitness([6, 6, 6])),
        (entrant("priority", "stock", fitness([2, 2, 2])), fitness([4, 4, 4])),
        (entrant("other", "stock"), fitness([1, 1, 1])),
    ]
    found = judge(ran, (Metric.LATENCY,), None)
    assert found.reference == "priority"
    first, naive, priority, other = (one.overfit for one in found.standings)
    assert first is not None
    assert first.percent == pytest.approx(100)
    assert first.overfits
    assert naive is not None
    assert naive.percent == pytest.approx(0)
    assert (priority, other) == (None, None)


@pytest.mark.parametrize(
    ("mine", "others", "word"),
    [(3.0, 2.0, "falls behind"), (2.0, 2.0, None), (1.0, 2.0, None), (None, 2.0, "fails"), (1.0, None, None)],
)
def test_what_breaks(mine: float | None, others: float | None, word: str | None) -> None:
    """It fails, or was ahead and no longer is; where the other fails it holds. Who was behind can't fall behind."""
    outcomes = [FAILED if value is None else fitness([value]) for value in (mine, others)]
    one = Disturbed(Perturbation("x", "load", small.suite((1,))), *outcomes)
    assert breaks((fitness([1.0]), fitness([2.0])), one) == word
    if word == "falls behind":
        assert breaks((fitness([2.0]), fitness([1.0])), one) is None
