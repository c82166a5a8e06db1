"""The shortest program that does as well: delta debugging over statements, then branches and expressions, then numbers.

Halves are left out first, then quarters, down to single statements (Zeller and Hildebrandt's ddmin, all parts of one
size at a time, so that workers have something to do); what can go alone is tried together. Whatever is tried is scored
on all traces, once. The order is fixed, so the result is the same for any number of workers.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeVar

from evo.evaluation.evaluator import Evaluator
from evo.explain.perturbations import changed, decided, shortened
from evo.explain.units import Unit, code_lines, units, without
from evo.population import Failure, Fitness, Policy
from evo.variation.syntax.draft import Draft
from evo.variation.syntax.source import Change, Edit, is_text

T = TypeVar("T")

_GAP = re.compile(r"\n{4,}")
_OPENING_GAP = re.compile(r"(?<=:\n)\n+(?=[ \t])")


@dataclass(frozen=True, slots=True)
class Shrunk:
    """The shortest program so far, its fitness, its lines of code, and how many programs were scored to find it."""

    policy: Policy
    fitness: Fitness
    lines: int
    scored: int


def shrink(evaluator: Evaluator, policy: Policy, fitness: Fitness, tolerance: float) -> Iterator[Shrunk]:
    """How far it has come, after each program scored; the last is the result.

    By no metric is that worse than the `fitness` by more than the share `tolerance` of it, and it fails nowhere. Raises
    CageError.
    """
    search = _Search(evaluator, policy, fitness, tolerance)
    yield search.best
    before = ""
    while search.best.policy.source != before:
        before = search.best.policy.source
        yield from search.leave_out()
        yield from search.shorten()
    yield from search.round_numbers()
    yield from search.tidy()
    yield search.best


class _Search:
    """What is known so far: the best, and of each program whether it would do, by its hash."""

    def __init__(self, evaluator: Evaluator, policy: Policy, fitness: Fitness, tolerance: float) -> None:
        self._evaluator = evaluator
        self._known: dict[str, Fitness | None] = {policy.hash: fitness}
        self._worst = [cost + tolerance * abs(cost) for cost in fitness.costs]
        self.best = Shrunk(policy, fitness, code_lines(policy.source), 0)

    def leave_out(self) -> Iterator[Shrunk]:
        """Leave out statements, as many at a time as can be, each at least once alone."""
        draft = Draft(self.best.policy.source)
        left, gone = units(draft), list[Unit]()
        size = max(1, len(left) // 2)

        def build(taken: Sequence[list[Unit]]) -> str:
            return without(draft, [*gone, *chain.from_iterable(taken)])

        while left:
            chunks = [left[k : k + size] for k in range(0, len(left), size)]

            taken = yield from self._as_many(chunks, build)
            gone += chain.from_iterable(taken)
            left = [unit for unit in left if not any(lost.covers(unit) for lost in gone)]
            if size == 1:
                return
            size //= 2

    def shorten(self) -> Iterator[Shrunk]:
        """Decide conditions for good, and take parts from expressions."""
        draft = Draft(self.best.policy.source)
        changes = [change for _, change in (*decided(draft), *shortened(draft), *_sides(draft))]
        yield from self._as_many(_shorter(draft, changes), _build(draft))

    def round_numbers(self) -> Iterator[Shrunk]:
        """Write numbers with one significant digit, or with two."""
        for digits in (1, 2):
            draft = Draft(self.best.policy.source)
            yield from self._as_many(_shorter(draft, _rounded(draft, digits)), _build(draft))

    def tidy(self) -> Iterator[Shrunk]:
        """Take away docstrings, which may tell of what is gone, imports that nobody uses, and gaps."""
        draft = Draft(self.best.policy.source)
        yield from self._as_many(list(_needless(draft)), _build(draft))
        text = _OPENING_GAP.sub("", _GAP.sub("\n\n\n", self.best.policy.source)).strip("\n") + "\n"
        made = changed(text)
        if made is not None and made.hash == self.best.policy.hash:
            self.best = replace(self.best, policy=made)

    def _as_many(
        self, parts: Sequence[T], build: Callable[[Sequence[T]], str | None]
    ) -> Generator[Shrunk, None, list[T]]:
        """Make of the best what `build` makes of as many of these parts as will do together; gives those."""
        fit = yield from self._judged(build([part]) for part in parts)
        good = [part for part, does in zip(parts, fit, strict=True) if does]
        taken = yield from self._together([], good, build)
        made = changed(build(taken) or "") if taken else None
        fitness = None if made is None else self._known[made.hash]
        if made is not None and fitness is not None:
            self.best = replace(self.best, policy=made, fitness=fitness, lines=code_lines(made.source))
        return taken

    def _together(
        self, taken: list[T], more: list[T], build: Callable[[Sequence[T]], str | None]
    ) -> Generator[Shrunk, None, list[T]]:
        """Those taken and as many more as will do with them, by halves."""
        if not more:
            return taken
        (does,) = yield from self._judged([build([*taken, *more])])
        if does or len(more) == 1:
            return [*taken, *more] if does else taken
        half = len(more) // 2
        taken = yield from self._together(taken, more[:half], build)
        return (yield from self._together(taken, more[half:], build))

    def _judged(self, texts: Iterable[str | None]) -> Generator[Shrunk, None, list[bool]]:
        """Of each text whether it is a program that would do; those not known yet are scored while others are made."""
        made: list[Policy | None] = []
        new: list[str] = []

        def unknown() -> Iterator[Policy]:
            for text in texts:
                one = None if text is None else changed(text)
                made.append(one)
                if one is not None and one.hash not in self._known and one.hash not in new:
                    new.append(one.hash)
                    yield one

        for place, outcome in enumerate(self._evaluator.evaluate(unknown())):
            self._known[new[place]] = self._will_do(outcome)
            self.best = replace(self.best, scored=self.best.scored + 1)
            yield self.best
        return [one is not None and self._known[one.hash] is not None for one in made]

    def _will_do(self, outcome: Fitness | Failure) -> Fitness | None:
        """The outcome, if it is a fitness that is good enough."""
        if isinstance(outcome, Failure):
            return None
        fit = all(cost <= worst for cost, worst in zip(outcome.costs, self._worst, strict=True))
        return outcome if fit else None


def _build(draft: Draft) -> Callable[[Sequence[Change]], str | None]:
    def build(changes: Sequence[Change]) -> str | None:
        after = draft.applied([edit for change in changes for edit in change.edits])
        return None if after is None else after.text

    return build


def _shorter(draft: Draft, changes: Sequence[Change]) -> list[Change]:
    """Those changes that make a text shorter, leaving its indentation out of the account."""
    found = []
    for change in changes:
        after = draft.applied(change.edits)
        if after is not None and _length(after.text) < _length(draft.text):
            found.append(change)
    return found


def _length(text: str) -> int:
    return len("".join(text.split()))


def _sides(draft: Draft) -> Iterator[tuple[ast.AST, Change]]:
    """One side of a calculation in its place."""
    for node in draft.nodes:
        if isinstance(node, ast.BinOp):
            for side in (node.left, node.right):
                yield node, Change((draft.put(node, ast.unparse(side)),), draft.short(node))


def _rounded(draft: Draft, digits: int) -> list[Change]:
    return [
        Change((draft.put(node, repr(float(f"{node.value:.{digits}g}"))),), draft.of(node))
        for node in draft.nodes
        if isinstance(node, ast.Constant) and type(node.value) is float
    ]


def _needless(draft: Draft) -> Iterator[Change]:
    for block in draft.blocks:
        for statement in block:
            place = draft.lines(statement)
            if place is not None and is_text(statement) and len(block) > 1:
                yield Change((Edit(*place, ""),), "docstring")
    read = {node.id for node in draft.nodes if isinstance(node, ast.Name)}
    for statement in draft.tree.body:
        place = draft.lines(statement)
        if place is None or not isinstance(statement, (ast.Import, ast.ImportFrom)):
            continue
        used = [one for one in statement.names if (one.asname or one.name).partition(".")[0] in read]
        if len(used) < len(statement.names):
            statement.names = used
            yield Change((Edit(*place, f"{ast.unparse(statement)}\n" if used else ""),), "import")
