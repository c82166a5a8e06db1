"""Tests of what names are taken for."""

from __future__ import annotations

import ast

import pytest

from evo.variation.syntax.draft import Draft
from evo.variation.syntax.kinds import Flavour

from .drafts import scheduler
from .samples import STOCK

WORK = scheduler(
    """
    for r in results:
        if r.failed():
            s.queue.remove(r.ops)
    for a in s.queue:
        a.runtime_status()
    for b in s.queue:
        use(b.pipeline, b.ops)
    for c in s.queue:
        use(c["pipeline"])
    for d in s.queue:
        pipeline, ops = d
        pipeline.runtime_status()
    for e in pipelines:
        s.queue.append(e)
    for f in s.queue.items():
        use(f)
    for g in pool.active_containers:
        if g.can_suspend_container():
            use(g)
    for h in s.queue:
        use(h.priority, len(h.values))
    """
)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a", "a"),
        ("b", "b.pipeline"),
        ("c", 'c["pipeline"]'),
        ("d", "d[0]"),
        ("e", "e"),
        ("f", None),
        ("g", "g.operators[0].pipeline"),
        ("h", "h"),
        ("r", None),
        ("s", None),
    ],
)
def test_ways_to_a_pipeline(name: str, path: str | None) -> None:
    """A pipeline is known by what is asked of it, and what leads to one by how it is taken apart."""
    assert Draft(WORK).kinds.pipeline(name) == path


@pytest.mark.parametrize(
    ("expression", "flavour"),
    [
        ("free_ram", Flavour.RAM),
        ("pool.avail_cpu_pool", Flavour.CPU),
        ('stats[i]["total_ram"]', Flavour.RAM),
        ("free[0]", Flavour.CPU),
        ("left", Flavour.RAM),
        ("s.params", None),
        ("count", None),
    ],
)
def test_flavours(expression: str, flavour: Flavour | None) -> None:
    """Amounts are known by their names, and others by what they are compared with or lessened by."""
    draft = Draft(scheduler("free[0] -= job_cpu\nif left < ram:\n    count = 1\nuse(s.params)"))
    assert draft.kinds.flavour(ast.parse(expression, mode="eval").body) is flavour


def at(draft: Draft, text: str) -> ast.AST:
    """The statement that begins so."""
    return next(n for n in draft.nodes if isinstance(n, ast.stmt) and draft.of(n).startswith(text))


def test_names_with_a_value() -> None:
    """Only what surely ran before counts: not other branches, not loops that are over."""
    draft = Draft(
        scheduler(
            """
            a = 1
            for b in results:
                c = 2
            if a:
                d = 3
            for e, (f, g) in pipelines:
                h, i = 4, 5
                here()
                j = 6
            """
        )
    )
    assert draft.kinds.bound(at(draft, "here")) == ["s", "results", "pipelines", "a", "e", "f", "g", "h", "i"]


def test_all_that_a_pool_has() -> None:
    """The pool at hand is asked, else the scheduler by the pool's number, else by the first."""
    text = scheduler(
        "s.executor.x()\nfor pool in p:\n    pool.max_ram_pool\n    one()\nfor pool_id in p:\n    two()\nthree()"
    )
    kinds, draft = Draft(text).kinds, Draft(text)
    assert draft.kinds.most(Flavour.RAM, at(draft, "one")) == "pool.max_ram_pool"
    assert draft.kinds.most(Flavour.CPU, at(draft, "two")) == "s.executor.pools[pool_id].max_cpu_pool"
    assert draft.kinds.most(Flavour.CPU, at(draft, "three")) == "s.executor.pools[0].max_cpu_pool"
    assert kinds.is_scheduler("s")


def test_stock_policies() -> None:
    """The queues of the stock policies hold what they hold."""
    priority, pool = Draft(STOCK["priority"]).kinds, Draft(STOCK["priority-pool"]).kinds
    assert priority.pipeline("job") == "job.pipeline"
    assert priority.pipeline("op") == "op.pipeline"
    assert pool.pipeline("job") == "job[0]"
    assert pool.is_pool("pool")
