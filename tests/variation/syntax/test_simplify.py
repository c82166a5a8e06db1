"""Tests of simplification: what does nothing goes, and nothing else."""

from __future__ import annotations

import pytest

from evo.evaluation.runs import Engine, run_policy
from evo.evaluation.suites import generated
from evo.policy import parse
from evo.simulator.parameters import Parameters
from evo.simulator.stats import SimulatorStats
from evo.variation.syntax.draft import Draft
from evo.variation.syntax.simplify import tidied

from .drafts import scheduler
from .samples import DRAIN, SOURCES

KEY = "s.queue.sort(key=lambda p: {})"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("for p in pipelines:\n    continue\n    use(p)", "for p in pipelines:\n    continue"),
        ("for p in pipelines:\n    pass\n    use(p)", "for p in pipelines:\n    use(p)"),
        ("if len(s.queue) > 3:\n    pass", ""),
        ("x = min(a, a)", "x = a"),
        ("x = max(max(a, 3), 5)", "x = max(a, 5)"),
        ("x = min(7, min(a, 9))", "x = min(a, 7)"),
        ("x = a + 2 * 1.5", "x = a + 3.0"),
        ("x = list(list(a))[:3]", "x = list(a)[:3]"),
        ("if a and b and a:\n    use()", "if a and b:\n    use()"),
        ("if not not a:\n    use()", "if a:\n    use()"),
        (KEY.format("(p.x, p.y, p.x)"), KEY.format("(p.x, p.y)")),
        (KEY.format("(p.x, (p.y, p.z))"), KEY.format("(p.x, p.y, p.z)")),
        (f"{KEY.format('p.x')}\n{KEY.format('p.x')}", KEY.format("p.x")),
        (f"{KEY.format('(p.x, p.y)')}\n{KEY.format('(p.z, -p.x)')}", KEY.format("(p.z, -p.x, p.y)")),
        (
            "for p in sorted(sorted(a, key=lambda p: p.x), key=lambda p: p.y):\n    use(p)",
            "for p in sorted(a, key=lambda p: (p.y, p.x)):\n    use(p)",
        ),
        (
            "for p in pipelines:\n    if p.x:\n        continue\n    if p.x:\n        continue\n    use(p)",
            "for p in pipelines:\n    if p.x:\n        continue\n    use(p)",
        ),
    ],
)
def test_what_does_nothing_goes(before: str, after: str) -> None:
    """Each of these can be said shorter, and it is told what went."""
    draft, told = tidied(Draft(scheduler(before)))
    assert draft.text == scheduler(after) if after else before not in draft.text
    assert len(told) == 1


@pytest.mark.parametrize(
    "body",
    [
        "x = min(next(a), next(a))",
        "x = 1 / 0",
        "x = True + 1",
        "x = min(max(a, 3), 5)",
        "x = a and b and a",
        "a()\na()",
        "if pop():\n    return [], []\nif pop():\n    return [], []",
        "if check():\n    pass",
        "for p in pipelines:\n    pass",
        KEY.format("(p.x, p.y)"),
    ],
)
def test_what_may_do_something_stays(body: str) -> None:
    """Calls that may change something, values that may differ, and blocks that would be empty stay."""
    draft, told = tidied(Draft(scheduler(body)))
    assert draft.text == scheduler(body)
    assert told == ()


def test_nobody_calls_them() -> None:
    """Functions and settings without users go, one after the other; a function that names itself has no user."""
    extra = "\n\ndef alone(x):\n    return alone(SHARE)\n"
    draft, told = tidied(Draft(scheduler("pass", "SHARE = 3\n") + extra))
    assert draft.text == scheduler("pass").replace("    pass\n", "")
    assert "without alone, which nobody uses" in told
    assert "without SHARE, which nobody uses" in told


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_nothing_to_simplify(name: str) -> None:
    """The stock policies hold nothing that does nothing."""
    assert tidied(Draft(SOURCES[name]))[1] == ()


def test_behaviour_stays() -> None:
    """A policy with dead code in it runs as it does without."""
    cluster = {
        "duration": 30,
        "ticks_per_second": 10,
        "num_pools": 1,
        "cpus_per_pool": 16,
        "ram_gb_per_pool": 200,
        "multi_operator_containers": False,
    }
    trace = generated(cluster, {"random_seed": 3, "num_pipelines": 5, "waiting_seconds_mean": 5}, "t", "t")
    parameters = Parameters.complete(cluster, where="here")
    bloated = DRAIN.replace("        ram -= need\n", "        ram -= min(need, need)\n").replace(
        "            continue\n", "            continue\n            ram = 0\n"
    )
    draft, told = tidied(Draft(bloated))
    assert draft.text == DRAIN
    assert len(told) == 2
    engine = Engine(floor=True)
    results = [run_policy(parse(text), trace, parameters, engine).result for text in (bloated, draft.text)]
    assert isinstance(results[0], SimulatorStats)
    assert results[0].pipelines_all.completion_count
    assert repr(results[0]) == repr(results[1])  # NaN, where a class completes nothing, is equal to nothing
