"""Every case recorded from the real Eudoxia comes out the same: statistics, failures and events."""

from __future__ import annotations

import gzip
import json
import math
import re
from pathlib import Path
from typing import Any

import pytest

from evo.shipped import baseline
from evo.simulator.engine import simulate
from evo.simulator.events import EventLog
from evo.simulator.parameters import Parameters
from evo.simulator.scheduling.host import Host
from evo.simulator.stats import RunFailure, SimulatorStats
from evo.simulator.trace import read_trace
from evo.simulator.workload import generate

GOLDEN = Path(__file__).parent.parent / "golden"
CASES = [case["name"] for case in json.loads((GOLDEN / "MANIFEST.json").read_text())["cases"]]
UNKNOWN = "gen_unknown_policy"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def policy_source(name: str) -> str:
    """The source of a stock policy or of one recorded with the cases."""
    for folder in (baseline(), GOLDEN / "policies"):
        path = folder / f"{name}.py"
        if path.exists():
            return path.read_text()
    raise FileNotFoundError(name)


def run_case(name: str, *, every_tick: bool) -> tuple[SimulatorStats | RunFailure, list[dict[str, Any]]]:
    """Run one case as `golden/README.md` says."""
    folder = GOLDEN / "cases" / name
    parameters = Parameters.read(folder / "params.toml")
    trace = folder / "trace.csv"
    refusal = parameters.refusal(generated=not trace.exists())
    if refusal is not None:
        return refusal, []
    if trace.exists():
        schedule = read_trace(trace).schedule(parameters.ticks_per_second, parameters.max_ticks)
    else:
        schedule = generate(parameters)
    key = parameters.scheduler_algo
    log = EventLog()
    result = simulate(Host(policy_source(key), key, every_tick=every_tick), schedule, parameters, log)
    return result, log.lines


def as_recorded(value: Any) -> Any:
    """NaN and infinity as the recorded files write them."""
    if isinstance(value, dict):
        return {key: as_recorded(item) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity"
    return value


def assert_same(got: Any, expected: Any, where: str) -> None:
    """Integers and words equal, floats to 1e-9: their last bits may hang on numpy's build."""
    if isinstance(expected, dict):
        assert sorted(got) == sorted(expected), where
        for key, item in expected.items():
            assert_same(got[key], item, f"{where}.{key}")
    elif isinstance(expected, float):
        assert got == pytest.approx(expected, rel=1e-9), where
    else:
        assert got == expected, where


@pytest.mark.parametrize("name", [name for name in CASES if name != UNKNOWN])
def test_case_as_upstream(name: str) -> None:
    """A recorded run is repeated, event by event, whether or not quiet ticks are skipped."""
    folder = GOLDEN / "cases" / name
    expected = json.loads((folder / "expected.json").read_text())
    recorded = gzip.decompress((folder / "events.jsonl.gz").read_bytes()).decode().splitlines()
    result, lines = run_case(name, every_tick=False)
    if "error" in expected:
        assert isinstance(result, RunFailure)
        assert (result.kind, result.tick, result.phase) == (
            expected["error"]["type"],
            expected["tick"],
            expected["phase"],
        )
        assert UUID.sub("<uuid>", result.message) == expected["error"]["message"]
    else:
        assert isinstance(result, SimulatorStats), result
        got = {
            **result.to_dict(),
            "mean_memory_allocated_percent": result.mean_memory_allocated_percent,
            "mean_memory_consumed_percent": result.mean_memory_consumed_percent,
            "adjusted_latency": result.adjusted_latency(),
        }
        assert_same(as_recorded(got), expected, name)
    for number, (ours, theirs) in enumerate(zip(lines, map(json.loads, recorded), strict=False)):
        assert ours == theirs, f"line {number + 1}"
    assert len(lines) == len(recorded)


@pytest.mark.parametrize(
    "name", [name for name in CASES if not name.startswith(("large", "gen_unknown", "clock_generated"))]
)
def test_skipping_changes_nothing(name: str) -> None:
    """Calling the policy in every tick gives the same run as skipping where that is proven harmless."""
    assert repr(run_case(name, every_tick=True)) == repr(run_case(name, every_tick=False))
