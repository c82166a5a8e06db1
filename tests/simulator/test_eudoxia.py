"""The adapter to upstream: what policies do to its process is told, and recorded runs come out as recorded."""

from __future__ import annotations

import gzip
import importlib.util
import json
import math
import sys
from pathlib import Path
from typing import Any

import pytest

from evo.errors import InputError
from evo.simulator import EUDOXIA_REVISION
from evo.simulator.comparison import same
from evo.simulator.eudoxia import Eudoxia, is_installed, revision
from evo.simulator.events import EventLog
from evo.simulator.parameters import Parameters, RunFailure
from evo.simulator.stats import SimulatorStats
from evo.simulator.trace import parse_trace, read_trace
from tests.simulator.scheduling.facade import policy
from tests.simulator.test_golden import GOLDEN, policy_source
from tests.simulator.upstream import fake, needs_upstream

PARAMETERS = Parameters.complete({"duration": 2, "ticks_per_second": 1, "num_pools": 1})
HEADER = (
    "pipeline_id,arrival_seconds,priority,operator_id,parents,"
    "baseline_cpu_seconds,cpu_scaling,memory_gb,storage_read_gb\n"
)
TRACE = parse_trace(f"{HEADER}p1,0,QUERY,op1,,1,const,,2\n", "one")


@pytest.fixture
def pretended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for upstream, found before any other."""
    fake(tmp_path, " ".join(SimulatorStats._fields))
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def failure(source: str, seconds: float = 60) -> RunFailure:
    """The failure of a policy on upstream, or what stands in for it."""
    result = Eudoxia(seconds).run(source, "x", TRACE, PARAMETERS)
    assert isinstance(result, RunFailure), result
    return result


def test_a_missing_package_names_the_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without upstream there is one line that says what to install, and with which Python."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert not is_installed()
    with pytest.raises(InputError) as caught:
        Eudoxia()
    message = str(caught.value)
    assert "\n" not in message
    assert "Python 3.12" in message
    assert f'pip install "eudoxia @ git+https://github.com/BauplanLabs/eudoxia@{EUDOXIA_REVISION}"' in message


@pytest.mark.parametrize("text", ["import nowhere", "class DAG[T: Node: pass"])
def test_a_package_that_cant_be_imported_names_the_mend(pretended: Path, text: str) -> None:
    """A Python too old for upstream, or a library of upstream's that is missing, is no policy's failure."""
    fake(pretended, "x", simulator=text)
    with pytest.raises(
        InputError, match=r"eudoxia can't be imported: .*: with Python 3.12 or later, pip install"
    ):
        failure(policy("return [], []"))


@pytest.mark.usefixtures("pretended")
def test_statistics_come_over_whole() -> None:
    """Every field, NaN included; the workload went there as a CSV, and containers are counted from 1."""
    result = Eudoxia().run(policy("return [], []"), "x", TRACE, PARAMETERS)
    assert isinstance(result, SimulatorStats)
    assert (result.throughput, result.failure_error_counts) == (0.5, {"OOM": 2})
    assert result.pipelines_created > len(HEADER)
    assert result.containers_completed == 1
    assert result.pipelines_query.arrival_count == 0
    assert math.isnan(result.pipelines_query.mean_latency_seconds)
    without = Eudoxia().run(policy("return [], []"), "x", None, PARAMETERS)
    assert isinstance(without, SimulatorStats)
    assert without.pipelines_created == 0


@pytest.mark.usefixtures("pretended")
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (policy("return [], [][0]"), ("IndexError", "list index out of range", 0, "policy", 7)),
        (
            policy("return None"),
            ("TypeError", "cannot unpack non-iterable NoneType object", 0, "policy", None),
        ),
        (
            policy("if s.clock.now_ticks(): raise SystemExit('x')\nreturn [], []"),
            ("SystemExit", "x", 1, "policy", 7),
        ),
        (policy("return [], []", init="s.nothing"), ("AttributeError", "", -1, "init", 4)),
        ("def step(:", ("SyntaxError", "", -1, "init", 1)),
        (policy("return [], []").replace("'x'", "'y'"), ("KeyError", "'x'", -1, "init", None)),
        (policy("return (i for i in [1 // 0]), []"), ("ZeroDivisionError", "", 0, "policy", 7)),
        (policy("return (1 // i for i in [0]), []"), ("ZeroDivisionError", "", 0, "executor", 7)),
    ],
)
def test_a_policys_fault_is_told_with_its_place(source: str, expected: tuple[Any, ...]) -> None:
    """Type, text, tick, phase and line of the policy, as evo's own simulator tells them."""
    result = failure(source)
    assert (result.kind, result.tick, result.phase, result.line) == (expected[0], *expected[2:])
    assert expected[1] in result.message


@pytest.mark.usefixtures("pretended")
@pytest.mark.parametrize(
    "body",
    [
        "print('noise' * 100000)",
        "import os; os.write(1, b'noise')",
        "import sys; sys.stdout.write('noise'); sys.stdout.flush()",
        "assert input() == ''",
        "import os; assert not os.path.exists('pyproject.toml')",
        "import os; assert not any(name.endswith('KEY') or name in ('HOME', 'USER') for name in os.environ)",
        "import eudoxia.scheduler.decorators as d; assert list(d.INIT_ALGOS) == ['x']",
        "import random, numpy; assert random.random() == random.Random(0).random()",
    ],
)
def test_a_policy_is_alone_with_upstream(monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """What it writes spoils no answer, and it finds no input, no key of the user's, and no other policy."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "secret")
    source = policy("return [], []", init=f"try:\n    {body}\nexcept EOFError:\n    pass")
    assert isinstance(Eudoxia().run(source, "x", TRACE, PARAMETERS), SimulatorStats)


@pytest.mark.usefixtures("pretended")
def test_a_process_that_ends_is_a_crash() -> None:
    """A policy that ends its process, or spoils it, has failed."""
    assert failure(policy("import os; os._exit(3)"))[:2] == (
        "crash",
        "upstream's process ended with status 3",
    )


@pytest.mark.usefixtures("pretended")
def test_a_process_that_hangs_is_ended() -> None:
    """Nothing waits for ever."""
    assert failure(policy("while True: pass"), seconds=1.5)[:2] == (
        "time",
        "upstream took more than 1.5 seconds",
    )


def test_the_revision_is_known_from_git_alone(pretended: Path) -> None:
    """Only an installation from git tells its revision."""
    info = pretended / "eudoxia-0.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: eudoxia\nVersion: 0.0\n")
    assert revision() == "unknown"
    (info / "direct_url.json").write_text(json.dumps({"url": "x", "vcs_info": {"commit_id": "c62"}}))
    assert revision() == "c62"


@needs_upstream
@pytest.mark.parametrize(
    "case",
    [
        "gen_naive_multi",
        "gen_bad_probs",
        "gen_nothing_finishes",
        "gen_priority_pool_wrong",
        "fault_none",
        "fault_raise",
        "fault_overram",
        "fault_strings",
        "fault_same_object",
        "overcommit_twins",
        "suspend_forced_trace",
        "zero_then_child",
    ],
)
def test_a_recorded_run_comes_out_as_recorded(case: str) -> None:
    """What was recorded from upstream is what the adapter gets from it, events included."""
    folder = GOLDEN / "cases" / case
    expected = json.loads((folder / "expected.json").read_text())
    parameters = Parameters.read(folder / "params.toml")
    key, path, log = parameters.scheduler_algo, folder / "trace.csv", EventLog()
    trace = read_trace(path) if path.exists() else None
    result = Eudoxia().run(policy_source(key), key, trace, parameters, log)
    if isinstance(result, RunFailure):
        assert (result.kind, result.tick, result.phase) == (
            expected["error"]["type"],
            expected["tick"],
            expected["phase"],
        )
        assert same(result.message, expected["error"]["message"])
    else:
        assert result.throughput == expected["throughput"]
        assert result.pipelines_all.to_dict() == pytest.approx(
            expected["pipelines_all"], rel=1e-9, nan_ok=True
        )
    recorded = gzip.decompress((folder / "events.jsonl.gz").read_bytes()).decode().splitlines()
    assert log.lines == [json.loads(line) for line in recorded]


@needs_upstream
@pytest.mark.skipif(sys.version_info < (3, 12), reason="upstream sums as Python 3.12 does")
def test_generators_are_walked_once() -> None:
    """Upstream's first pool uses a generator up, so that others find nothing, and the run fails at the count."""
    step = """
ready = [op for p in pipelines for op in p.runtime_status().get_ops(ASSIGNABLE_STATES)]
return [], (Assignment([op], 1, 3, Priority.QUERY, 1 - i, "p1") for i, op in enumerate(ready))
"""
    log = EventLog()
    parameters = Parameters.complete({"duration": 2, "ticks_per_second": 10, "num_pools": 2})
    trace = parse_trace(f"{HEADER}p1,0,QUERY,op1,,1,const,,2\np1,,,op2,,1,const,,2\n", "one")
    result = Eudoxia().run(policy(step), "x", trace, parameters, log)
    assert isinstance(result, RunFailure)
    assert (result.kind, result.tick, result.phase) == ("TypeError", 0, "bookkeeping")
    assert [order["container"] for order in log.lines[0]["assignments"]] == [1]
