"""Where the operators of a pipeline stand, as a policy may ask and as the engine tells.

Behaves as `eudoxia/workload/runtime_status.py` does, seen from outside. The state of an operator is kept in it, and
beside the dicts that a policy may look at, so that the questions it asks in every call need no hashing; an operator
that was never made is PENDING.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from evo.simulator.messages import Arrival
from evo.simulator.scheduling.nodes import Operator, Run
from evo.simulator.scheduling.shapes import shape
from evo.simulator.scheduling.watch import Facade, ShownDict, lazy
from evo.simulator.states import ASSIGNABLE_STATES, STATES, VALID_TRANSITIONS, OperatorState

if TYPE_CHECKING:
    from evo.simulator.scheduling.pipelines import Pipeline

_PENDING, _ASSIGNED, _RUNNING, _, _COMPLETED, _FAILED = STATES


class PipelineRuntimeStatus(Facade):
    """Where the operators of a pipeline stand."""

    evo_found: list[Operator] | None = None
    """All operators that may be assigned, as far as that is known."""
    evo_ready: list[Operator] | None = None
    """Those of them whose parents are complete."""
    evo_shown = False
    evo_counts: list[int] | None = None
    """What `state_counts` says if nobody wrote into it, in order of states."""

    def __init__(self, pipeline: Pipeline, arrival: Arrival, tick: int, first: int, run: Run) -> None:
        self.pipeline = pipeline
        self.clock = run.clock
        self.arrival_tick: int | None = tick
        self.finish_tick: int | None = None
        self.max_job_ticks = run.max_job_ticks
        self.evo_shape = known = shape(arrival.parents)
        self.evo_arrival = arrival
        self.evo_first = first
        self.evo_run = run
        self.evo_watch = run.clock.evo_watch
        self.evo_made: list[Operator | None] = [None] * len(known.parents)
        self.evo_waits = list(known.waits)
        self.evo_front = list(known.front)
        self.evo_open = len(known.order)

    def evo_operator(self, place: int) -> Operator:
        """The operator at a place."""
        made = self.evo_made[place]
        if made is None:
            number = self.evo_first + place
            made = Operator(number, place, self.pipeline, self)
            self.evo_made[place] = self.evo_run.operators[number] = made
        return made

    @property
    def evo_ordered(self) -> list[Operator]:
        """The operators, each once, in order of iteration."""
        return list(map(self.evo_operator, self.evo_shape.order))

    @lazy
    def operator_states(self) -> dict[Operator, OperatorState]:
        """State by operator, in the order of the graph's iteration."""
        self.evo_shown = True
        return ShownDict((op, op.evo_state) for op in self.evo_ordered)

    @lazy
    def state_counts(self) -> dict[OperatorState, int]:
        """How many operators are in each of the states; one that the graph yields twice is PENDING once too often."""
        self.evo_shown = True
        counts = [0] * len(STATES)
        counts[_PENDING.evo_place] = len(self.evo_shape.walk)
        for op in self.evo_made:
            if op is not None and op.evo_state is not _PENDING:
                counts[_PENDING.evo_place] -= 1
                counts[op.evo_state.evo_place] += 1
        self.evo_counts = counts
        return ShownDict(zip(STATES, counts, strict=True))

    def has_timed_out(self) -> bool:
        """Whether the time allowed is over and the pipeline is not complete."""
        if self.max_job_ticks <= 0:
            return False
        assert self.arrival_tick is not None
        # The clock is read unseen: the engine has the policy called in every tick in which this becomes true.
        if self.clock.evo_watch.tick - self.arrival_tick < self.max_job_ticks:
            return False
        return bool(self.evo_open)

    def is_pipeline_successful(self) -> bool:
        """Whether all operators are COMPLETED."""
        return not self.evo_open

    def get_latency_ticks(self) -> int:
        """Ticks from arrival to completion; raises AssertionError before that is recorded."""
        if self.finish_tick is None:
            raise AssertionError("finish_tick not recorded")
        assert self.arrival_tick is not None
        return self.finish_tick - self.arrival_tick

    def get_ops(self, state: Any, require_parents_complete: bool = False) -> list[Operator]:
        """The operators in a state, or in any of several; if asked, only those whose parents are all COMPLETED."""
        if state is ASSIGNABLE_STATES:
            if require_parents_complete:
                if self.evo_ready is None:
                    self.evo_ready = self._assignable(self.evo_front)
                return self.evo_ready.copy()
            if self.evo_found is None:
                self.evo_found = self._assignable(range(len(self.evo_made)))
            return self.evo_found.copy()
        allowed = (state,) if isinstance(state, OperatorState) else state
        ready = bool(require_parents_complete)
        waits = self.evo_waits
        return [
            op for op in self.evo_ordered if op.evo_state in allowed and not (ready and waits[op.evo_place])
        ]

    def _assignable(self, ranks: Iterable[int]) -> list[Operator]:
        """Those that may be assigned, of the operators at these places in the order of iteration."""
        made, order = self.evo_made, self.evo_shape.order
        found = []
        for rank in ranks:
            op = made[order[rank]]
            if op is None:
                found.append(self.evo_operator(order[rank]))
            elif op.evo_state is _PENDING or op.evo_state is _FAILED:
                found.append(op)
        return found

    def check_transition(self, operator: Operator, new_state: Any) -> tuple[bool, str | None]:
        """Whether an operator may move to a state, and why not."""
        if operator.pipeline is not self.pipeline:
            raise KeyError(operator)
        old = operator.evo_state
        if new_state not in VALID_TRANSITIONS[old]:
            where = f"operator {operator.id} in pipeline {self.pipeline.pipeline_id}"
            return False, f"Cannot transition {where} from {old.value} to {new_state.value}"
        if new_state is _RUNNING and self.evo_waits[operator.evo_place]:
            return False, "Dependencies not satisfied"
        return True, None

    def transition(self, operator: Operator, new_state: Any) -> None:
        """Move an operator to ASSIGNED; raises AssertionError where upstream does, RuntimeError for other states."""
        possible, reason = self.check_transition(operator, new_state)
        if not possible:
            raise AssertionError(reason)
        if new_state is not _ASSIGNED:
            raise RuntimeError(f"only the executor moves operators to {new_state.value}")
        operator.transition(_ASSIGNED)

    def evo_move(self, operator: Operator, new_state: OperatorState) -> None:
        """Note a new state, unchecked."""
        old, operator.evo_state = operator.evo_state, new_state
        if new_state is _COMPLETED:
            self._complete(operator.evo_place)
        if new_state is not _RUNNING:
            self.evo_found = self.evo_ready = None
        if self.evo_shown:
            self._show(operator, old, new_state)

    def _show(self, operator: Operator, old: OperatorState, new_state: OperatorState) -> None:
        """Bring the dicts up to date that the policy may have kept, changed, or replaced."""
        kept = self.__dict__
        counts: Any = kept.get("state_counts")
        states: Any = kept.get("operator_states")
        own = self.evo_counts
        if own is not None:
            before, after = old.evo_place, new_state.evo_place
            own[before] -= 1
            own[after] += 1
            if type(counts) in _DICTS:
                counts[old], counts[new_state] = own[before], own[after]
        if type(states) in _DICTS:
            states[operator] = new_state

    def _complete(self, place: int) -> None:
        self.evo_open -= 1
        waits, ranks = self.evo_waits, self.evo_shape.ranks
        self.evo_front.remove(ranks[place])
        for child in self.evo_shape.children[place]:
            waits[child] -= 1
            if not waits[child]:
                insort(self.evo_front, ranks[child])


_DICTS = frozenset({dict, ShownDict})
"""Kinds of dict into which can be written whatever a policy did."""
