"""What is known already: the outcome of each policy on each trace, so that nothing is simulated twice.

Outcomes are kept by everything that they are a function of but the limits, and without regard to the metric. A failure
speaks of lines and names, so it is known of one text only and not of its twins; one that may be the machine's mood
(too many seconds, a killed process) is never kept.
"""

from __future__ import annotations

from dataclasses import replace

from evo.evaluation.metrics import Measurement
from evo.population import Failure, Policy
from evo.simulator import SIMULATOR_VERSION

Outcome = Measurement | Failure
"""What became of one policy on one trace."""


def repeatable(outcome: object) -> bool:
    """Whether the same policy would meet the same outcome again, on any machine at any time."""
    return not isinstance(outcome, Failure) or outcome.repeats


class Cache:
    """Outcomes by normal form (failures: by source), trace, parameters and simulator version.

    A failure names the trace as it was called when it happened. Those who share a cache have the same limits.
    """

    def __init__(self) -> None:
        self._measurements: dict[tuple[str, str, str, str], Measurement] = {}
        self._failures: dict[tuple[str, str, str, str], Failure] = {}

    def remember(self, policy: Policy, trace_digest: str, parameters_digest: str, outcome: Outcome) -> None:
        """Keep an outcome, unless it would not repeat; the first stands, but one with an insight says more."""
        place = (trace_digest, parameters_digest, SIMULATOR_VERSION)
        if isinstance(outcome, Failure):
            if outcome.repeats:
                self._failures.setdefault((policy.source, *place), outcome)
            return
        known = self._measurements.setdefault((policy.hash, *place), outcome)
        if known.insight is None:
            self._measurements[policy.hash, *place] = outcome

    def recall(
        self, policy: Policy, trace_digest: str, parameters_digest: str, *, insight: bool = False
    ) -> Outcome | None:
        """The outcome, if it is known; a measurement has an insight if that is asked for, and only then."""
        place = (trace_digest, parameters_digest, SIMULATOR_VERSION)
        failure = self._failures.get((policy.source, *place))
        known = self._measurements.get((policy.hash, *place))
        if failure is not None or known is None:
            return failure
        if not insight:
            return replace(known, insight=None)
        return None if known.insight is None else known
