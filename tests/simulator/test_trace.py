"""Traces: what rows mean, when pipelines come, in which order operators are walked, and what is refused."""

from __future__ import annotations

import math
import pickle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo.errors import InputError
from evo.simulator.scaling import SCALINGS
from evo.simulator.states import Priority
from evo.simulator.trace import (
    OperatorSpec,
    PipelineSpec,
    Trace,
    dag_order,
    parse_trace,
    read_trace,
    write_trace,
)

GOLDEN = Path(__file__).parent.parent / "golden" / "cases"
HEADER = "pipeline_id,arrival_seconds,priority,operator_id,parents,baseline_cpu_seconds,cpu_scaling,memory_gb,storage_read_gb"


def parse(*rows: str) -> Trace:
    """The trace of `rows` below the usual header."""
    return parse_trace("\n".join([HEADER, *rows]) + "\n", "t")


def arrivals(*seconds: float, ticks_per_second: float = 10, max_ticks: int = 100) -> list[tuple[int, str]]:
    """(tick, id) of pipelines p0, p1, … that come at `seconds`."""
    operators = (OperatorSpec((), 1.0, "const", None, 1.0),)
    trace = Trace(
        "t", tuple((at, PipelineSpec(f"p{k}", Priority.QUERY, operators)) for k, at in enumerate(seconds))
    )
    return [
        (tick, pipeline.pipeline_id)
        for tick, pipelines in trace.schedule(ticks_per_second, max_ticks)
        for pipeline in pipelines
    ]


def test_rows_make_pipelines() -> None:
    """Consecutive rows with one id are a pipeline; numbers are floats; memory may be fixed, at 0 too, or grow."""
    trace = parse(
        "a,0.5,QUERY,x,,1,const,,10",
        "a,,,y,x,2,sqrt,0,20",
        "a,,,z,x; y;,2.5,log,4,0",
        "b,0.5,BATCH_PIPELINE,x,,1,exp,,5",
    )
    assert trace.pipelines == (
        (
            0.5,
            PipelineSpec(
                "a",
                Priority.QUERY,
                (
                    OperatorSpec((), 1.0, "const", None, 10.0),
                    OperatorSpec((0,), 2.0, "sqrt", 0.0, 20.0),
                    OperatorSpec((0, 1), 2.5, "log", 4.0, 0.0),
                ),
            ),
        ),
        (0.5, PipelineSpec("b", Priority.BATCH_PIPELINE, (OperatorSpec((), 1.0, "exp", None, 5.0),))),
    )
    assert [operator.peak_memory_gb for operator in trace.pipelines[0][1].operators] == [10.0, 0.0, 4.0]
    assert all(
        type(operator.storage_read_gb) is float
        for _, pipeline in trace.pipelines
        for operator in pipeline.operators
    )


def test_an_id_used_again_is_another_pipeline() -> None:
    """Ids need not be unique in a file, only between neighbours."""
    trace = parse("a,0,QUERY,x,,1,const,,1", "b,0,QUERY,x,,1,const,,1", "a,0,QUERY,x,,1,const,,1")
    assert [pipeline.pipeline_id for _, pipeline in trace.pipelines] == ["a", "b", "a"]


def test_an_operator_id_used_twice_means_the_later_one() -> None:
    """From the second row on, the name belongs to the second operator."""
    trace = parse("a,0,QUERY,x,,1,const,,1", "a,,,x,x,1,const,,1", "a,,,y,x,1,const,,1")
    assert [operator.parents for operator in trace.pipelines[0][1].operators] == [(), (0,), (1,)]


def test_columns_may_be_in_any_order_and_some_may_be_missing() -> None:
    """Only names count: unknown columns are ignored, parents and memory_gb may be left out."""
    text = "note,cpu_scaling,storage_read_gb,operator_id,baseline_cpu_seconds,priority,arrival_seconds,pipeline_id\n"
    trace = parse_trace(text + "hi,const,3,x,1,QUERY,2,a\n", "t")
    assert trace.pipelines == (
        (2.0, PipelineSpec("a", Priority.QUERY, (OperatorSpec((), 1.0, "const", None, 3.0),))),
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["a,,QUERY,x,,1,const,,1"], "line 2: column arrival_seconds: empty (give a number)"),
        (["a,soon,QUERY,x,,1,const,,1"], "line 2: column arrival_seconds: 'soon' is no number"),
        (["a,nan,QUERY,x,,1,const,,1"], "line 2: column arrival_seconds: NaN"),
        (
            ["a,-1,QUERY,x,,1,const,,1"],
            "line 2: column arrival_seconds: -1 is before the start (give a time from 0 up)",
        ),
        (["a,0,,x,,1,const,,1"], "line 2: column priority: empty in the first row of 'a'"),
        (
            ["a,0,URGENT,x,,1,const,,1"],
            "line 2: column priority: 'URGENT' is no priority (one of QUERY, INTERACTIVE",
        ),
        (
            ["a,0,QUERY,x,,1,const,,1", "a,,QUERY,y,,1,const,,1"],
            "line 3: column priority: set again in pipeline 'a'",
        ),
        (["a,0,QUERY,x,,1,const,,1", "a,0,,y,,1,const,,1"], "line 3: column arrival_seconds: set again"),
        (["a,0,QUERY,x,y,1,const,,1"], "line 2: column parents: 'y' comes later in pipeline 'a', or never"),
        (["a,0,QUERY,x,x,1,const,,1"], "line 2: column parents: 'x' comes later"),
        (["a,0,QUERY,x,,1,cubic,,1"], "line 2: column cpu_scaling: 'cubic' is no scaling (one of const, log"),
        (["a,0,QUERY,x,,-1,const,,1"], "line 2: column baseline_cpu_seconds: -1 is not possible"),
        (["a,0,QUERY,x,,1,const,nan,1"], "line 2: column memory_gb: NaN"),
        (
            ["a,0,QUERY,x,,1,const,,inf"],
            "line 2: column storage_read_gb: inf is not possible (give a number from 0",
        ),
        (["a,0,QUERY,x,,1,const,,"], "line 2: column storage_read_gb: empty"),
        (["a,0,QUERY,x,,1,const"], "line 2: column memory_gb: the row ends before it"),
        (["a,0,QUERY,x,,1,const,,1", "", "b,0,QUERY"], "line 4: column parents: the row ends before it"),
        ([], "no pipelines: a row per operator must follow the header"),
    ],
)
def test_a_row_that_is_wrong_is_named(rows: list[str], said: str) -> None:
    """One line with file, line, column, fault and mend."""
    with pytest.raises(InputError) as caught:
        parse(*rows)
    message = str(caught.value)
    assert message.startswith("t")
    assert said in message
    assert "\n" not in message


def test_a_time_that_goes_backwards_is_no_negative_time() -> None:
    """Upstream waits with it for the pipeline before, so even -1 s means that one's time there."""
    trace = parse("a,0.5,QUERY,x,,1,const,,1", "b,-1,QUERY,x,,1,const,,1")
    assert [tick for tick, _ in trace.schedule(10, 100)] == [5]


def test_parents_named_again_and_again_are_refused() -> None:
    """Each repeat doubles upstream's walk; a file with dozens would never be walked to the end."""
    rows = ["a,0,QUERY,o0,,1,const,,1", *(f"a,,,o{k},o{k - 1};o{k - 1},1,const,,1" for k in range(1, 40))]
    with pytest.raises(InputError, match="line 19: column parents: over 16 repeats"):
        parse(*rows)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    """The header is checked before any row."""
    file = tmp_path / "w.csv"
    file.write_text("pipeline_id,operator_id\na,x\n")
    with pytest.raises(InputError, match=r"w\.csv, line 1: column arrival_seconds is missing"):
        read_trace(file)


@pytest.mark.parametrize(
    ("parents", "order"),
    [
        ([(), (0,), (1,)], [0, 1, 2]),
        ([(), (0, 0)], [0, 1, 1]),
        ([(), (0, 0), (1,)], [0, 1, 1, 2, 2]),
        ([(), (0, 0), (1, 1)], [0, 1, 1, 2, 2, 2, 2]),
        ([(), (), (0,), (1, 0), ()], [0, 1, 4, 2, 3]),
        ([(), (0,), (), (2, 1), (0, 2), (4, 3)], [0, 2, 1, 4, 3, 5]),
        ([(), (0,), (0, 1), (0,)], [0, 1, 3, 2]),
    ],
)
def test_operators_are_walked_as_upstream_walks_them(
    parents: list[tuple[int, ...]], order: list[int]
) -> None:
    """Orders recorded from upstream's DAG, with its repeats."""
    assert dag_order(parents) == order


@st.composite
def dags(draw: st.DrawFn) -> list[tuple[int, ...]]:
    """Up to eight operators, each with distinct earlier parents."""
    size = draw(st.integers(1, 8))
    return [
        tuple(draw(st.lists(st.integers(0, k - 1), unique=True, max_size=3))) if k else ()
        for k in range(size)
    ]


@given(dags())
def test_a_walk_passes_each_operator_once_and_parents_first(parents: list[tuple[int, ...]]) -> None:
    """Without repeats the order is a topological one."""
    order = dag_order(parents)
    assert sorted(order) == list(range(len(parents)))
    assert all(
        order.index(parent) < order.index(place) for place, named in enumerate(parents) for parent in named
    )


def test_arrivals_round_up_to_a_tick() -> None:
    """0.07 s at 100 ticks a second is 7.000000000000001 ticks: tick 8, not 7."""
    assert arrivals(0.07, 0.08, ticks_per_second=100) == [(8, "p0"), (8, "p1")]


def test_arrivals_keep_the_order_of_the_file() -> None:
    """A time that goes backwards is not sorted, it comes with the one before."""
    assert arrivals(3.0, 1.0, 3.0, 4.0) == [(30, "p0"), (30, "p1"), (30, "p2"), (40, "p3")]


@pytest.mark.parametrize("never", [math.inf, math.nan])
def test_what_never_comes_blocks_all_behind_it(never: float) -> None:
    """Upstream waits for the next pipeline for ever."""
    assert arrivals(0.0, never, 0.0) == [(0, "p0")]


def test_nothing_comes_after_the_last_tick() -> None:
    """Ticks run from 0 to one below their number, and a run may have none."""
    assert arrivals(9.9, 10.0) == [(99, "p0")]
    assert arrivals(0.0, max_ticks=0) == []


@given(
    st.lists(st.floats(0, 12) | st.sampled_from([0.3, 0.7, math.inf, -1.0]), max_size=12),
    st.sampled_from([0.5, 1, 3, 7, 10, 30]),
)
def test_the_schedule_is_what_a_clock_would_deliver(seconds: list[float], ticks_per_second: float) -> None:
    """Asking at every tick, as upstream does, gives the same arrivals."""
    waiting = [(at, f"p{k}") for k, at in enumerate(seconds)]
    delivered = []
    for tick in range(100):
        while waiting and waiting[0][0] / (1.0 / ticks_per_second) <= tick:
            delivered.append((tick, waiting.pop(0)[1]))
    assert arrivals(*seconds, ticks_per_second=ticks_per_second) == delivered


COSTS = st.floats(0, 1e12)


@st.composite
def traces(draw: st.DrawFn) -> Trace:
    """Traces as a file may hold them, with ids that need quoting."""
    pipelines = []
    for k in range(draw(st.integers(1, 4))):
        operators = tuple(
            OperatorSpec(
                parents,
                draw(COSTS),
                draw(st.sampled_from(sorted(SCALINGS))),
                draw(st.none() | COSTS),
                draw(COSTS),
            )
            for parents in draw(dags())
        )
        pipeline_id = f"{k}{draw(st.text(max_size=3))}"
        priority = draw(st.sampled_from(Priority))
        pipelines.append(
            (draw(st.floats(0, allow_nan=False)), PipelineSpec(pipeline_id, priority, operators))
        )
    return Trace("t", tuple(pipelines))


@settings(max_examples=60)
@given(traces())
def test_what_is_written_reads_back(trace: Trace) -> None:
    """Writing and reading lose no bit and no character."""
    again = parse_trace(write_trace(trace), "t")
    assert again == trace
    assert again.digest == trace.digest


@settings(max_examples=60)
@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(["a", "0", "QUERY", "", ",", "\n", '"', "x", "const", "1", ";"])).map("".join)
)
def test_any_text_is_a_trace_or_an_input_error(text: str) -> None:
    """No text makes the reader fail in any other way."""
    try:
        parse_trace(f"{HEADER}\n{text}", "t")
    except InputError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017 - the other outcome is a trace


@pytest.mark.parametrize("case", sorted(path.parent.name for path in GOLDEN.glob("*/trace.csv")))
def test_golden_traces_are_read(case: str) -> None:
    """Every recorded trace is accepted, odd ones included, and its canonical form is the same trace."""
    trace = read_trace(GOLDEN / case / "trace.csv")
    assert parse_trace(write_trace(trace), trace.name) == trace


def test_the_digest_is_of_the_content() -> None:
    """The name changes nothing; an int that was a float does, because sums do."""
    whole = OperatorSpec((), 1, "const", None, 55)
    one = Trace("one", ((0.0, PipelineSpec("p1", Priority.QUERY, (whole,))),))
    two = Trace("two", one.pipelines)
    other = Trace(
        "one", ((0.0, PipelineSpec("p1", Priority.QUERY, (OperatorSpec((), 1, "const", None, 55.0),))),)
    )
    assert one.digest == two.digest == pickle.loads(pickle.dumps(one)).digest
    assert one.digest != other.digest
    assert len(one.digest) == 64
