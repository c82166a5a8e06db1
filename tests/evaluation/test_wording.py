"""What is told of a policy: short, the same every time, and what matters is in it."""

from __future__ import annotations

import re

import pytest

from evo.evaluation.wording import LEGEND, compared, told
from evo.insights import ClassInsight, Insight, Usage
from evo.metric import PAPERS, Metric
from evo.population import Failure, FailureKind, Fitness, Reached, TraceScore


def insight(bound: float = 28.24, ooms: int = 224) -> Insight:
    """What a run of the stock policy `priority` on the suite `quick` looks like."""
    return Insight(
        query=ClassInsight(21, 19, 0, 7.092, 8.1, 0.3632, 6.729, 21, 0),
        interactive=ClassInsight(50, 1, 3, 45.55, 45.55, 2.8, 42.75, 447, 324),
        batch=ClassInsight(99, 0, 0, None, None, None, None, 951, 834),
        cpu=Usage(9600.0, 9056.0, 4150.0, 4141.0, 8.265),
        ram=Usage(75000.0, 72230.0, 18780.0, 28560.0, 64.27),
        containers=347,
        ooms=ooms,
        timeouts=0,
        suspensions=2,
        large_unfinished=0.4667,
        latency_bound=bound,
        throughput_bound=2.42,
        penalized_bound=bound,
    )


def fitness(*values: float, metric: Metric = Metric.LATENCY, explained: bool = True) -> Fitness:
    """A fitness with these scores, the first value its median."""
    scores = [
        TraceScore(f"t{n}", value, (19, 21), (1, 50), (0, 99), insight(ooms=220 + n) if explained else None)
        for n, value in enumerate(values)
    ]
    return Fitness(metric, values[0], tuple(scores))


def tokens(text: str) -> int:
    """More than any tokenizer would make of it."""
    return len(re.findall(r"[A-Za-z]{1,8}|\d{1,3}|[^\sA-Za-z\d]|\n", text))


def test_a_trace_in_full() -> None:
    """Score, bound, each class, each resource, containers and their ends: one line each."""
    assert told(fitness(68.66)).splitlines() == [
        "latency 68.7 s, median of 1 traces",
        "t0: 68.7 s (no policy below 28.2 s)",
        "  query 19/21 in 7.1 (waiting 0.36, worst 8.1)",
        "  interactive 1/50 in 46 (waiting 2.8, worst 46), 3 timed out, 72% of ops unbegun",
        "  batch 0/99, 88% of ops unbegun",
        "  CPU 94% (46% needless, 46% lost), RAM 96% (26% needless, 40% lost)",
        "  347 containers, mean 8.3 CPUs 64 GB; 220 OOM, 2 suspended, 47% large",
    ]


@pytest.mark.parametrize("metric", Metric)
@pytest.mark.parametrize("count", [1, 2, 3, 10, 100])
def test_however_many_traces_it_stays_short(metric: Metric, count: int) -> None:
    """Of many traces the typical one and the two worst are told, under 400 tokens by the worst of counts."""
    text = told(fitness(*(70.0 + n for n in range(count)), metric=metric))
    assert tokens(text) < 400
    assert len(text) < 1100
    assert tokens(LEGEND) < 130
    if count > 2:
        worst = (f"t{count - 2}", f"t{count - 1}") if not metric.higher_is_better else ("t0", "t1")
        assert re.findall(r"^worst: (\w+):", text, re.MULTILINE) == list(worst)
        assert ("\nmedians (no policy " in text) is (metric in {*PAPERS, Metric.PENALIZED})


def test_the_typical_trace_is_made_of_medians() -> None:
    """Medians leave out what a trace hasn't got."""
    text = told(fitness(50.0, 60.0, 70.0, 80.0, 90.0))
    assert "medians (no policy below 28.2 s):\n  query 19/21 in 7.1 (waiting 0.36" in text
    assert "222 OOM" in text


def test_without_insights_there_are_the_completions() -> None:
    """A policy of a run that asked for none is told by score and completions."""
    assert told(fitness(68.66, explained=False)).splitlines()[1:] == [
        "t0: 68.7 s",
        "  query 19/21, interactive 1/50, batch 0/99",
    ]


def test_a_failure_says_what_to_do() -> None:
    """Kind, trace, tick, line and message on one line, then the mend, then what was printed last."""
    failure = Failure(
        FailureKind.INVALID_ACTION,
        "AssertionError: Overallocated\nCPU in assignment",
        "t1",
        12,
        34,
        "a\n\nb\n",
    )
    first, mend, printed = told(failure).splitlines()
    assert first == (
        "failed (invalid-action), on trace t1, in tick 12, line 34: AssertionError: Overallocated CPU in assignment"
    )
    assert mend.startswith("what to do: all assignments of one call count together")
    assert printed == "printed last: a | b"
    assert told(Failure(FailureKind.SYNTAX, "invalid syntax", line=3)) == (
        "failed (syntax), line 3: invalid syntax"
    )
    assert ", during initialisation: " in told(Failure(FailureKind.EXCEPTION, "KeyError: 'a'", "t1", -1))


def test_a_talkative_failure_stays_short() -> None:
    """A message or a print of thousands of characters doesn't fill the prompt."""
    text = told(Failure(FailureKind.EXCEPTION, "ValueError: " + "x" * 2000, "t", 1, 1, "y" * 2000))
    assert len(text) < 1100


def test_a_table_of_policies() -> None:
    """A line for each trace, the medians, and what was completed of each class; what wasn't run shows a dash."""
    table = compared(
        fitness(68.66, 109.0), {"naive": fitness(2131.0, explained=False), "best": fitness(60.0, 90.5)}
    )
    assert table.splitlines() == [
        "latency, lower is better | this | naive | best",
        "t0 | 68.7 s | 2131 s | 60 s",
        "t1 | 109 s | - | 90.5 s",
        "median | 68.7 s | 2131 s | 60 s",
        "query completed | 38/42 | 19/21 | 38/42",
        "interactive completed | 2/100 | 1/50 | 2/100",
        "batch completed | 0/198 | 0/99 | 0/198",
    ]


@pytest.mark.parametrize("metric", Metric)
def test_of_many_traces_those_furthest_behind_are_compared(metric: Metric) -> None:
    """Of twenty traces twelve stand in the table, those with most to gain by the best of the others."""
    higher = metric.higher_is_better
    mine = fitness(*(100.0 + n for n in range(20)), metric=metric)
    theirs = fitness(*([100.0] * 20), metric=metric)
    rows = compared(mine, {"best": theirs}).splitlines()
    shown = [row.split()[0] for row in rows if re.match(r"t\d", row)]
    assert shown == [f"t{n}" for n in (range(12) if higher else range(8, 20))]
    assert sum("(8 more traces, where" in row for row in rows) == 1


def test_several_metrics_are_told_together() -> None:
    """Each metric has its value in the first line and on every trace, and its median among the others'."""
    score = TraceScore("t0", 68.66, (19, 21), (1, 50), (0, 99), beside=(1.5,))
    both = Fitness(Metric.LATENCY, 68.66, (score,), (Reached(Metric.THROUGHPUT, 1.5),))
    assert told(both).splitlines()[:2] == [
        "latency 68.7 s, throughput 1.5/s, median of 1 traces",
        "t0: 68.7 s, 1.5/s",
    ]
    assert "median throughput | 1.5/s | 1.5/s" in compared(both, {"naive": both}).splitlines()
