"""A hard cap on what may be spent: each call reserves the most it can cost before it is made, and settles after it.

Spent and reserved together never exceed the limit, as long as no call costs more than it reserved. All is in dollars.
Used from one thread; knows no model, no clock and no file.
"""

from __future__ import annotations

from decimal import Decimal

from evo.errors import InputError
from evo.llm.prices import unknown

__all__ = ["Budget"]

_NOTHING = Decimal(0)


class Budget:
    """What is `spent` for good and `reserved` for the calls in flight; without a `limit` nothing is refused."""

    def __init__(self, limit: Decimal | None = None, spent: Decimal = _NOTHING) -> None:
        if limit is not None and not (limit.is_finite() and limit >= 0):
            raise InputError(f"the budget must be a number of dollars, 0 or more, is {limit}")
        self.limit = limit
        self.spent = spent
        self.reserved = _NOTHING

    def reserve(self, worst: Decimal | None, name: str) -> bool:
        """Set aside the most that a call of the model `name` can cost; if so much isn't left, nothing, and False.

        Raises InputError if there is a limit and the price is unknown (None).
        """
        if self.limit is not None:
            if worst is None:
                raise unknown([name])
            if self.spent + self.reserved + worst > self.limit:
                return False
        self.reserved += worst or _NOTHING
        return True

    def settle(self, worst: Decimal | None, price: Decimal | None) -> None:
        """Give back what a call reserved and book its price; None counts as all of it, since nobody knows better."""
        self.reserved -= worst or _NOTHING
        self.spent += (worst or _NOTHING) if price is None else price
