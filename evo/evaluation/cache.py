"""What is known already: the outcome of each policy on each trace, so that nothing is simulated twice.

Outcomes are kept by everything that they are a function of, and without regard to the metric. A failure that may be
the machine's mood (too many seconds, a killed process) is never kept.
"""

from __future__ import annotations

from dataclasses import replace

from evo.evaluation.metrics import Measurement
from evo.population import Failure
from evo.simulator import SIMULATOR_VERSION

Outcome = Measurement | Failure
"""What became of one policy on one trace."""


def repeatable(outcome: object) -> bool:
    """Whether the same policy would meet the same outcome again, on any machine at any time."""
    return not isinstance(outcome, Failure) or outcome.repeats


class Cache:
    """Outcomes by normal form, trace, parameters and simulator version.

    A failure names the trace as it was called when it happened.
    """

    def __init__(self) -> None:
        self._outcomes: dict[tuple[str, str, str, str], Outcome] = {}

    def remember(self, policy_hash: str, trace_digest: str, parameters_digest: str, outcome: Outcome) -> None:
        """Keep an outcome, unless it would not repeat; the first stands, but one with an insight says more."""
        if repeatable(outcome):
            key = (policy_hash, trace_digest, parameters_digest, SIMULATOR_VERSION)
            known = self._outcomes.setdefault(key, outcome)
            if isinstance(known, Measurement) and isinstance(outcome, Measurement) and known.insight is None:
                self._outcomes[key] = outcome

    def recall(
        self, policy_hash: str, trace_digest: str, parameters_digest: str, *, insight: bool = False
    ) -> Outcome | None:
        """The outcome, if it is known; a measurement has an insight if that is asked for, and only then."""
        known = self._outcomes.get((policy_hash, trace_digest, parameters_digest, SIMULATOR_VERSION))
        if isinstance(known, Measurement) and not insight:
            return replace(known, insight=None)
        return None if isinstance(known, Measurement) and known.insight is None else known
