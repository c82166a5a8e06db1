"""The typed vocabulary of variation: what a scheduler may observe, as code, in words, and of which unit.

The terms are those that dispatching rules are made of (Branke, Nguyen, Pickardt and Zhang, "Automated design of
production scheduling heuristics: a review", 2016): work left, depth left, weight, age, and the state of the machine.
None reads the clock or the memory in use: a policy that does is called in every tick, which is slow, and the tick of
arrival orders by age as well.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from enum import Enum

from evo.variation.syntax.draft import Draft
from evo.variation.syntax.scene import Scene, scene_at


class Unit(Enum):
    """What a number measures: only like is added, compared, or put in place of like."""

    COUNT = "operators"
    CONTAINERS = "containers or waiting jobs"
    TIME = "ticks"
    RANK = "rank of a class"
    WEIGHT = "importance of a class"
    SHARE = "part of a pool"


@dataclass(frozen=True, slots=True)
class Observable:
    """A number that can be read at a place; `weight` says how often it is worth reading, `rising` its usual order."""

    unit: Unit
    code: str
    words: str
    weight: float = 1.0
    rising: bool = True
    """Whether work with a small value had better come first."""


def of_pipeline(pipeline: str) -> list[Observable]:
    """What can be asked about the pipeline that the expression `pipeline` stands for."""
    status = f"{pipeline}.runtime_status()"
    counts = f"{status}.state_counts"
    done = f"{counts}[OperatorState.COMPLETED]"
    count, rank = Unit.COUNT, Unit.RANK
    return [
        Observable(count, f"len({pipeline}.values) - {done}", "operators left", 4.0),
        Observable(count, f"len({pipeline}.values)", "operators in all", 2.0),
        Observable(count, f"steps_left({pipeline})", "steps left", 1.0),
        Observable(count, done, "operators done", 1.0, rising=False),
        Observable(count, f"{counts}[OperatorState.RUNNING]", "operators running", 1.0),
        Observable(count, f"{counts}[OperatorState.FAILED]", "operators failed", 0.5),
        Observable(rank, f"{pipeline}.priority.value", "rank", 3.0),
        Observable(Unit.WEIGHT, f"IMPORTANCE[{pipeline}.priority]", "importance", 2.0, rising=False),
        Observable(Unit.TIME, f"{status}.arrival_tick", "arrival", 2.0),
    ]


def of_cluster(scene: Scene) -> list[Observable]:
    """What can be asked about the pool and the queues at hand."""
    found = [
        Observable(Unit.CONTAINERS, f"len({queue})", f"length of {queue}", rising=False)
        for queue in scene.queues
    ]
    pool = scene.pool
    if pool is not None:
        running = f"{pool}.active_containers"
        found += [
            Observable(Unit.CONTAINERS, f"len({running})", "running containers"),
            Observable(
                Unit.SHARE, f"{pool}.avail_ram_pool / {pool}.max_ram_pool", "free share of memory", 2.0
            ),
            Observable(Unit.SHARE, f"{pool}.avail_cpu_pool / {pool}.max_cpu_pool", "free share of CPUs", 1.0),
        ]
        if scene.pipeline is not None:
            like = f"sum(c.priority == {scene.pipeline}.priority for c in {running})"
            found.append(Observable(Unit.CONTAINERS, like, "running containers of its class", 2.0))
    return found


def observables(scene: Scene) -> list[Observable]:
    """All that can be asked at a place."""
    about = [] if scene.pipeline is None else of_pipeline(scene.pipeline)
    return about + of_cluster(scene)


def observed(draft: Draft) -> dict[ast.expr, tuple[Observable, Scene]]:
    """The places of a source at which it reads something of the vocabulary, and what else is at hand there.

    The largest that are known: of `len(p.values) - done` not also `done`.
    """
    found: dict[ast.expr, tuple[Observable, Scene]] = {}
    known: dict[Scene, dict[str, Observable]] = {}
    for node in draft.nodes:
        if not isinstance(node, (ast.BinOp, ast.Call, ast.Subscript, ast.Attribute)):
            continue
        if draft.function.get(node) is None or any(around in found for around in draft.above(node)):
            continue
        text = ast.unparse(node)
        if not text.endswith((")", "]", ".value", "_tick", "_pool")):
            continue
        scene = scene_at(draft, node)
        if scene not in known:
            known[scene] = {_evened(term.code): term for term in observables(scene)}
        term = known[scene].get(text)
        if term is not None:
            found[node] = (term, scene)
    return found


def _evened(code: str) -> str:
    """An expression as the parser's own writer writes it, which differs between versions of Python."""
    return ast.unparse(ast.parse(code, mode="eval"))
