"""Children by language models: planned in order of numbers, asked for in the background, saved before they are used.

What is asked of whom is a function of the seed, the child's number and the living that its parents come from; answers
that the run has already are taken from there. Knows no server, no price list and no wording.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import Future
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

import numpy as np

from evo.answers import SavedAnswer
from evo.breeding import Birth, Child, Offline
from evo.credit import HINT
from evo.desk import Call, Desk
from evo.errors import ModelError, PolicyError
from evo.evaluation.metrics import harmless
from evo.llm import Answer, CallError, Prompt
from evo.llm.budget import Budget
from evo.llm.models import Model
from evo.policy import parse
from evo.population import Individual, Lineage, Policy
from evo.records import Skipped
from evo.variation.mending import mended

STEPS = 2
"""Calls that a child may take: the question, and one more chance for an answer that is no policy."""


class Questions(Protocol):
    """Whoever words what a model is asked."""

    def hint(self, birth: Birth, rng: np.random.Generator, purpose: str) -> str:
        """The name of a strategy hint, drawn at random."""

    def first(self, birth: Birth, chosen: Sequence[Individual], purpose: str, hint: str) -> Prompt:
        """The question for a child of these parents."""

    def again(self, prompt: Prompt, answer: Answer, error: PolicyError, source: str | None) -> Prompt:
        """The question after an answer that is no policy; `source` is what it amounted to, if that is known."""

    def source(self, answer: Answer, chosen: Sequence[Individual]) -> str:
        """The source text that an answer to any of them amounts to; raises PolicyError."""


class Choice(Protocol):
    """Whoever decides which model is asked."""

    def model(self, birth: Birth, rng: np.random.Generator) -> Model:
        """The model that makes this child."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What will be done for a child."""

    birth: Birth
    model: Model
    purpose: str
    hint: str
    chosen: tuple[Individual, ...]
    prompt: Prompt
    worst: Decimal | None
    """Dollars that it can cost at most, with a second chance; None if nobody knows."""


@dataclass(frozen=True, slots=True)
class _Made:
    """What came of it: a policy, or why there is none; and the digests of the questions that were asked."""

    policy: Policy | None
    reason: str
    questions: tuple[str, ...] = ()
    mended: bool = False
    """Whether something that plays no part in its decisions had to be taken out or put right."""


@dataclass(slots=True)
class _Order:
    """A plan under way: what is being asked, what was paid so far, and in the end what was made.

    Until then so many dollars are `reserved` for it: what the plan can cost at most, nothing if it is paid already.
    """

    plan: _Plan
    reserved: Decimal | None
    prompt: Prompt
    asked: Future[SavedAnswer]
    questions: tuple[str, ...] = ()
    spent: Decimal = Decimal(0)
    made: _Made | None = None


class Prompted:
    """A breeder that asks models for a share of the children, and draws the others offline."""

    def __init__(
        self, offline: Offline, questions: Questions, choice: Choice, desk: Desk, budget: Budget
    ) -> None:
        self._offline = offline
        self._config = offline.config
        self._questions = questions
        self._choice = choice
        self._desk = desk
        self._budget = budget
        self._streams: dict[int, np.random.Generator] = {}
        self._plans: dict[int, _Plan] = {}
        self._orders: dict[int, _Order] = {}

    def begin(self, birth: Birth) -> bool:
        """Ask for the child, or leave it to be drawn; False as long as it isn't sure whether its cost is there."""
        number = birth.number
        if number not in self._plans:
            rng = np.random.default_rng([self._config.seed, number])
            if self._config.strategy == "evolution" and rng.random() >= self._config.model_share:
                self._streams[number] = rng
                return True
            self._plans[number] = self._planned(birth, rng)
        plan = self._plans[number]
        self._take()
        known = self._desk.has(_call(plan, 0), plan.prompt)
        # Answers to what was asked before a user edited the run's prompts are of no use, but were paid.
        stale = Decimal(0) if known else self._desk.spent_on(number)
        most = None if plan.worst is None else plan.worst + stale
        if self._desk.calls and self._budget.reserve(most, plan.model.name):
            self._orders[number] = _Order(
                plan, most, plan.prompt, self._asked(plan, plan.prompt, 0), spent=stale
            )
        elif self._desk.calls and any(order.made is None for order in self._orders.values()):
            # Only once all before it are paid does it depend on them alone, and on no timing, whether there is enough.
            return False
        elif not self._desk.calls or known:
            # What was paid before a run was interrupted, or is only told again, costs nothing more.
            self._orders[number] = _Order(plan, Decimal(0), plan.prompt, self._asked(plan, plan.prompt, 0))
        return True

    def child(self, birth: Birth, known: AbstractSet[str]) -> Child | Skipped | None:
        """The child, as soon as its answer is there; raises ModelError if a model can't be asked."""
        number = birth.number
        self._take()
        if number in self._streams:
            return self._offline.drawn(birth, known, self._streams.pop(number))
        if number not in self._orders:
            plan = self._plans.pop(number)
            return _skipped(plan, _Made(None, "there is no money left for it"), broke=True)
        plan, made = self._orders[number].plan, self._orders[number].made
        if made is None:
            return None
        del self._orders[number], self._plans[number]
        if made.policy is None:
            return _skipped(plan, made)
        if made.policy.hash in known:
            twin = _Made(None, "the answer is a policy that the run knows", made.questions)
            return _skipped(plan, twin, twin=True)
        return _born(plan, made, made.policy)

    def _planned(self, birth: Birth, rng: np.random.Generator) -> _Plan:
        crossover = self._config.crossover if birth.generation and len(birth.living.individuals) > 1 else 0.0
        crossed = crossover > rng.random()
        purpose = "chat" if self._config.strategy == "chat" else "crossover" if crossed else "mutation"
        chosen = self._offline.parents(birth, 1 + crossed, rng)
        model = self._choice.model(birth, rng)
        hint = self._questions.hint(birth, rng, purpose)
        prompt = self._questions.first(birth, chosen, purpose, hint)
        costs = [self._desk.worst(model, prompt, more) for more in range(STEPS)]
        known = [cost for cost in costs if cost is not None]
        worst = sum(known, Decimal(0)) if len(known) == len(costs) else None
        return _Plan(birth, model, purpose, hint, chosen, prompt, worst)

    def _asked(self, plan: _Plan, prompt: Prompt, step: int) -> Future[SavedAnswer]:
        return self._desk.start(self._desk.ask(_call(plan, step), prompt))

    def _take(self) -> None:
        """Take the answers that have come: make policies of them, ask once more where there is none, and pay.

        All in the caller's thread, since Python's parser doesn't bear two.
        """
        for order in self._orders.values():
            if order.made is None and order.asked.done():
                order.made = self._judged(order)
                if order.made is not None:
                    self._budget.settle(order.reserved, self._desk.spent_on(order.plan.birth.number))

    def _judged(self, order: _Order) -> _Made | None:
        """What an answer comes to; None if it isn't the last word."""
        plan = order.plan
        try:
            saved = order.asked.result()
        except CallError as error:
            raise ModelError(f"{plan.model.name}: {error}; nothing is lost: mend it, then resume") from error
        order.questions += (saved.question,)
        order.spent += saved.booked
        answer = saved.answer
        if answer.fault is not None:
            said = f": {answer.message}" if answer.message else ""
            return _Made(None, f"{answer.fault}{said}", order.questions)
        source: str | None = None
        try:
            source = self._questions.source(answer, plan.chosen)
            policy = parse(source)
        except PolicyError as error:
            # Mending costs nothing and asking again does, so mending comes first.
            healed = None if source is None else mended(source, error)
            if healed is not None:
                return _Made(healed, "", order.questions, mended=True)
            order.prompt = self._questions.again(order.prompt, answer, error, source)
            if len(order.questions) == STEPS or not self._affords(order):
                return _Made(None, f"{error.kind}: {error}", order.questions)
            order.asked = self._asked(plan, order.prompt, len(order.questions))
            return None
        return _Made(policy, "", order.questions)

    def _affords(self, order: _Order) -> bool:
        """Whether one more question can be paid from what was set aside; it may be longer than was thought."""
        if self._budget.limit is None or self._desk.has(
            _call(order.plan, len(order.questions)), order.prompt
        ):
            return True
        cost = self._desk.worst(order.plan.model, order.prompt)
        if cost is None or order.reserved is None or not self._desk.calls:
            return False
        return order.spent + cost <= order.reserved


def _call(plan: _Plan, step: int) -> Call:
    purpose = "repair" if step else plan.purpose
    return Call(plan.birth.number, plan.birth.generation, step, purpose, plan.model)


def _skipped(plan: _Plan, made: _Made, *, twin: bool = False, broke: bool = False) -> Skipped:
    return Skipped(
        number=plan.birth.number,
        generation=plan.birth.generation,
        attempts=len(made.questions),
        reason=harmless(made.reason),
        twin=twin,
        model=plan.model.name,
        questions=made.questions,
        broke=broke,
    )


def _born(plan: _Plan, made: _Made, policy: Policy) -> Child:
    ideas = [_idea(parent.policy) for parent in plan.chosen]
    idea = "" if (own := _idea(policy)) in ideas else own
    lineage = Lineage(
        plan.purpose,
        tuple(parent.id for parent in plan.chosen),
        harmless(
            ": ".join(part for part in (f"{plan.hint}, mended" if made.mended else plan.hint, idea) if part)
        ),
        plan.model.name,
        made.questions,
        kinds=(HINT + plan.hint,),
    )
    return Child(plan.birth.number, policy, lineage, len(made.questions))


def _idea(policy: Policy) -> str:
    """What a policy says of itself in the first line of its docstring."""
    return (ast.get_docstring(ast.parse(policy.source)) or "").strip().partition("\n")[0]
