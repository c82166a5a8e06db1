"""The budget holds whatever the order of calls and answers, and says what it lacks."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo.errors import InputError
from evo.llm.budget import Budget


def test_a_call_in_flight_counts_in_full() -> None:
    """What could be spent is not promised twice; what came out cheaper is free again."""
    budget = Budget(Decimal(1))
    assert budget.reserve(Decimal("0.6"), "m")
    assert not budget.reserve(Decimal("0.5"), "m")
    budget.settle(Decimal("0.6"), Decimal("0.1"))
    assert [budget.spent, budget.reserved] == [Decimal("0.1"), Decimal(0)]
    assert budget.reserve(Decimal("0.9"), "m")
    assert not budget.reserve(Decimal("0.000001"), "m")


def test_a_price_that_nobody_told_counts_in_full() -> None:
    """An answer whose usage the server kept for itself is booked as the worst case."""
    budget = Budget(Decimal(1))
    assert budget.reserve(Decimal("0.4"), "m")
    budget.settle(Decimal("0.4"), None)
    assert [budget.spent, budget.reserved] == [Decimal("0.4"), Decimal(0)]


def test_what_an_earlier_session_spent_counts() -> None:
    """A resumed run goes on with what is left; one that spent more has nothing."""
    assert not Budget(Decimal(5), Decimal("4.9")).reserve(Decimal("0.2"), "m")
    assert not Budget(Decimal(5), Decimal(6)).reserve(Decimal(0), "m")


def test_without_a_limit_nothing_is_refused() -> None:
    """Prices may be unknown then; what is known is still counted."""
    budget = Budget()
    assert budget.reserve(None, "m")
    assert budget.reserve(Decimal(1000), "m")
    budget.settle(None, None)
    assert [budget.spent, budget.reserved] == [Decimal(0), Decimal(1000)]


def test_an_unknown_price_cant_be_held() -> None:
    """With a limit, a call of unknown price is an error that names the model and the setting."""
    budget = Budget(Decimal(1))
    with pytest.raises(InputError, match=r'prices = \{ "openai:gpt-9" = \[IN, OUT\] \}'):
        budget.reserve(None, "openai:gpt-9")
    assert budget.reserved == 0


@pytest.mark.parametrize("limit", ["-1", "NaN", "Infinity"])
def test_a_limit_is_an_amount(limit: str) -> None:
    """Nobody can keep to less than nothing, or to what is no number."""
    with pytest.raises(InputError, match="the budget must be a number of dollars, 0 or more"):
        Budget(Decimal(limit))


amounts = st.decimals(0, 10, places=7)


@given(amounts, st.lists(st.tuples(amounts, st.floats(0, 1), st.integers(0, 5))))
def test_the_limit_holds(limit: Decimal, calls: list[tuple[Decimal, float, int]]) -> None:
    """However calls and answers interleave, spent and reserved stay within the limit, and end as the sum of prices."""
    budget, waiting, total = Budget(limit), list[tuple[Decimal, Decimal]](), Decimal(0)
    for worst, part, settled in calls:
        if budget.reserve(worst, "m"):
            waiting.append((worst, (worst * Decimal(part)).quantize(Decimal("1e-9"))))
        assert budget.spent + budget.reserved <= limit
        for _ in range(min(settled, len(waiting))):
            reserved, price = waiting.pop(settled % len(waiting))
            budget.settle(reserved, price)
            total += price
            assert budget.spent + budget.reserved <= limit
    assert budget.spent == total
    assert budget.reserved == sum((reserved for reserved, _ in waiting), Decimal(0))
