"""Whether an individual owes its fitness to the train traces: what it loses on others, beside a reference that can't.

Traces differ in difficulty, so a value on some says nothing next to a value on others; what does is by how much more an
individual loses from the train to the selection traces than a policy that nobody bred on any of them. Pure arithmetic:
knows nothing of how fitness comes about, or is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from evo.population import Failure, Fitness, Individual, ranked

_DRAWS = 2000
_CERTAINTY = 0.95
_FEWEST = 3
"""Traces of a kind. With two, 15 in 100 policies that differ from the reference by noise alone would be marked; with four 2."""


@dataclass(frozen=True, slots=True)
class Gap:
    """By how many percent more an individual loses than the reference on traces that it wasn't bred on.

    Negative where it loses less, or gains more. The `spread` is what the choice of traces alone may have made of it, in
    percent: so far the gap lies above its lower bound of confidence of 95 %. None where there are fewer than three traces
    of a kind, of which no bootstrap can tell.
    """

    percent: float
    spread: float | None

    @property
    def overfits(self) -> bool:
        """Whether the gap is larger than chance among traces explains."""
        return self.spread is not None and self.percent > self.spread


@dataclass(frozen=True, slots=True)
class Both:
    """What a policy reaches on the train traces, and on the selection traces."""

    train: Fitness
    selection: Fitness


def reference(
    everyone: Iterable[Individual], init: Collection[str], selections: Mapping[int, Fitness | Failure]
) -> Individual | None:
    """The best stock policy by fitness among the founders that doesn't fail on the selection traces, as far as is known.

    `init` is what the run was told to begin with (`RunConfig.init`). Without a stock policy, which nobody has bred on
    these traces, the best founder must do; None where no founder has a fitness.
    """
    founders = [
        one
        for one in ranked(everyone)
        if one.lineage.variation == "initial"
        and one.fitness is not None
        and not isinstance(selections.get(one.number), Failure)
    ]
    stock = [one for one in founders if not init or one.lineage.detail in init]
    return next(iter(stock or founders), None)


def gap(one: Both, other: Both, seed: int) -> Gap | None:
    """How much more `one` loses than the reference, the `other`, by the first metric; None if that has no meaning.

    A loss is a ratio of medians: selection over train, or the other way round where more is better. What the traces alone
    may make of it tells a bootstrap (Efron 1979) over the traces of each kind, the same ones for both policies, by a
    generator of that `seed`. It draws one trace fewer than there are, since it would come out too narrow for a handful
    otherwise (Hesterberg, "What teachers should know about the bootstrap", 2015, section 3.3).
    """
    metric = one.train.metric
    values = [
        np.array([each.on_each_trace()[metric] for each in pair])
        for pair in ((one.train, other.train), (one.selection, other.selection))
    ]
    if any((each <= 0).any() for each in values):
        return None
    whole = [np.median(each, axis=1)[:, None] for each in values]
    (percent,) = _losses(whole[0], whole[1], higher=metric.higher_is_better)
    sizes = [each.shape[1] for each in values]
    if min(sizes) < _FEWEST:
        return Gap(float(percent), None)
    rng = np.random.default_rng(seed)
    drawn = [
        np.median(each[:, rng.integers(0, size, (_DRAWS, size - 1))], axis=2)
        for each, size in zip(values, sizes, strict=True)
    ]
    losses = _losses(drawn[0], drawn[1], higher=metric.higher_is_better)
    return Gap(float(percent), float(percent - np.quantile(losses, 1 - _CERTAINTY)))


def _losses(
    train: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    selection: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    *,
    higher: bool,
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """For each column of medians, its rows being the policy's and the reference's: percent that the first loses more."""
    ratio = train / selection if higher else selection / train
    losses: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = 100 * (ratio[0] / ratio[1] - 1)
    return losses
