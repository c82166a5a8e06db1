"""What a model is told about a run: its parents, why they scored as they did, and the marks to beat.

Everything is taken from the run's own record, so that the same child is asked for in the same words, whenever. The
wording itself is the user's (`markdown/`); the facts are put into it by `variation.asking`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evo.answers import Answers
from evo.breeding import Birth
from evo.config import RunConfig
from evo.credit import HINT, Kinds
from evo.errors import PolicyError
from evo.evaluation.advice import advice
from evo.evaluation.suites import Suite
from evo.evaluation.wording import LEGEND, compared, told
from evo.llm import Answer, Prompt
from evo.metric import Metric, each
from evo.policy.edits import apply_edits
from evo.population import Failure, Fitness, Individual, Partial, ranked
from evo.records import RunState
from evo.variation.asking import Context, Shown, crossover, feedback, mutation, repair
from evo.variation.prompts import Prompts
from evo.variation.syntax.vocabulary import weighted

_MARKS = ("naive", "priority")
"""Stock policies that whoever is asked should know the score of."""


class Interview:
    """The questions of one run."""

    def __init__(
        self, prompts: Prompts, suite: Suite, config: RunConfig, state: RunState, answers: Answers
    ) -> None:
        self._prompts = prompts
        self._state = state
        self._answers = answers
        self._adaptive = config.adaptation
        self._hints = {
            crossed: Kinds({HINT + name: 1.0 for name in prompts.hints(crossed=crossed)}, state)
            for crossed in (False, True)
        }
        self._scored = _scored(prompts, each(config.metric))
        self._cluster = f"{_described(suite)}\n\nIn what is told of a policy's runs, {LEGEND}."

    def hint(self, birth: Birth, rng: np.random.Generator, purpose: str) -> str:
        """The name of a hint, rather one whose children improved more, unless the run doesn't adapt; one draw."""
        known = birth.living.generation if self._adaptive and birth.generation else -1
        weights = self._hints[purpose == "crossover"].weights(known)
        return weighted(rng, [(weight, name) for name, weight in weights.items()]).removeprefix(HINT)

    def first(self, birth: Birth, chosen: Sequence[Individual], purpose: str, hint: str) -> Prompt:
        """The question for a child of one parent, or of two, or in a conversation about all that came before."""
        best = next(iter(birth.living.individuals), None)
        marks = self._marks(best)
        shown = [_shown(one, marks) for one in chosen]
        if purpose == "crossover":
            return crossover(self._prompts, shown[0], shown[1], self._context(best), hint)
        first = mutation(self._prompts, shown[0], self._context(best), hint)
        return self._conversation(first, birth.number) if purpose == "chat" else first

    def again(self, prompt: Prompt, answer: Answer, error: PolicyError, source: str | None) -> Prompt:
        """The question after an answer that is no policy; `source` is what it amounted to, if that is known."""
        return repair(prompt, answer.text, error, self._prompts, source)

    def source(self, answer: Answer, chosen: Sequence[Individual]) -> str:
        """The source that an answer amounts to, however it was to answer: the policy in it, or the first parent edited."""
        return apply_edits(chosen[0].policy.source, answer.text)

    def _conversation(self, prompt: Prompt, number: int) -> Prompt:
        """All that was answered for earlier children and what came of it, as far as a conversation may be long."""
        last = {saved.number: saved for saved in self._answers.all() if saved.number < number}
        best: Individual | None = None
        for earlier, saved in last.items():
            one = self._state.individuals.get(earlier)
            if one is None:
                shown = Shown(str(earlier), "", "That answer was no policy, or one that is known already.")
            else:
                best = one if best is None else ranked([best, one])[0]
                shown = _shown(one, self._marks(best))
            prompt = feedback(prompt, saved.answer.text, shown, self._context(best), self._prompts)
        return prompt

    def _context(self, best: Individual | None) -> Context:
        marks = self._marks(best)
        lines = tuple(f"{name}: {_reached(fitness)}" for name, fitness in marks.items())
        return Context(self._scored, self._cluster, lines, None if best is None else _shown(best, {}))

    def _marks(self, best: Individual | None) -> dict[str, Fitness]:
        """The scores to beat, by name: stock policies that the run began with, and the best so far."""
        marks = {}
        for name in _MARKS:
            for one in self._state.individuals.values():
                if one.lineage.variation == "initial" and one.lineage.detail == name and one.fitness:
                    marks[name] = one.fitness
        if best is not None and best.fitness is not None:
            marks["the best so far"] = best.fitness
        return marks


def _scored(prompts: Prompts, metrics: Sequence[Metric]) -> str:
    """What is scored: the user's text on each metric, or where there is none a sentence."""
    texts = [prompts.texts.get(f"metric-{metric.value}", metric.meaning) for metric in metrics]
    if len(texts) == 1:
        return texts[0]
    several = (
        f"{len(texts)} metrics are scored, and they may be at odds. A policy is kept if no other is at least as good in all "
        "of them and better in one. So either better one without giving up much of the others, or all of them."
    )
    return "\n\n".join([several, *texts])


def _reached(fitness: Fitness) -> str:
    """A mark to beat."""
    if not fitness.beside:
        return f"{fitness.value:.6g}"
    return ", ".join(f"{metric.value} {value:.6g}" for metric, value in fitness.values.items())


def _shown(one: Individual, marks: dict[str, Fitness]) -> Shown:
    if isinstance(one.outcome, Failure):
        return Shown(one.id, one.policy.source, advice(one.outcome), failure=one.outcome)
    assert not isinstance(one.outcome, Partial), "who lives, or is of the first, ran on all traces"
    return Shown(one.id, one.policy.source, told(one.outcome), compared(one.outcome, marks))


def _described(suite: Suite) -> str:
    """The cluster and the clock of a suite, in words."""
    given = suite.parameters
    pools = "one pool" if given.num_pools == 1 else f"{given.num_pools} pools, each"
    several = "may hold several operators" if given.multi_operator_containers else "holds one operator only"
    over = (
        "may be allocated beyond what there is" if given.allow_memory_overcommit else "can't be overcommitted"
    )
    limit = f"A pipeline times out after {given.max_job_seconds:g} s. " if given.max_job_ticks > 0 else ""
    return (
        f"The cluster has {pools} with {given.cpus_per_pool:g} CPUs and {given.ram_gb_per_pool:g} GB of RAM. "
        f"A container {several}; memory {over}. {limit}A run lasts {given.duration:g} s at "
        f"{given.ticks_per_second:,} ticks a second. The suite has {len(suite.traces)} traces."
    )
