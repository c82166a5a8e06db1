"""Who is put to the test: a run's best policies or one from a file, and the stock policies beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from evo.birth import load_policy
from evo.errors import RunError
from evo.overfitting import reference
from evo.population import Fitness, Policy
from evo.saved import Run
from evo.shipped import stock_policies

Role = Literal["candidate", "stock", "reference"]
"""Who is to be judged, what evo comes with, or only there to measure gaps by."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """A policy by the name that it is shown by, and its fitness on the train traces as far as that is known."""

    name: str
    policy: Policy
    role: Role
    train: Fitness | None = None


def of_run(run: Run, top: int) -> list[Entrant]:
    """The run's best so many, best first, all stock policies, and whom its gaps are measured by.

    Of the best those are left out that are stock policies anyway, but for the first. Raises RunError if none of its
    policies has a fitness.
    """
    best = run.hall_of_fame(top)
    if not best:
        raise RunError(
            f"run '{run.name}': no policy of it has a fitness yet; go on with `evo resume {run.name}`"
        )
    known = {one.policy.hash: one.fitness for one in run.individuals}
    stocked = [replace(one, train=known.get(one.policy.hash)) for one in stock()]
    hashes = {one.policy.hash for one in stocked}
    chosen = [best[0], *(one for one in best[1:] if one.policy.hash not in hashes)]
    made = [*(Entrant(one.id, one.policy, "candidate", one.fitness) for one in chosen), *stocked]
    founder = reference(run.individuals, run.config.init, run.selections)
    if founder is not None and founder.policy.hash not in {one.policy.hash for one in made}:
        made.append(Entrant(founder.id, founder.policy, "reference", founder.fitness))
    return made


def of_file(path: Path) -> list[Entrant]:
    """The policy in a file, and the stock policies that are others; raises InputError if it is none."""
    policy = load_policy(path)
    return [
        Entrant(path.stem, policy, "candidate"),
        *(one for one in stock() if one.policy.hash != policy.hash),
    ]


def stock() -> Sequence[Entrant]:
    """The policies that evo comes with."""
    return [Entrant(name, load_policy(path), "stock") for name, path in stock_policies().items()]
