"""`evo eval`: real policies on real workloads, the JSON that scripts read, and a line for each kind of bad input."""

from __future__ import annotations

import gzip
import json
import math
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Evo

GOLDEN = Path(__file__).parents[1] / "golden"
PARAMETERS = "duration = 20\nticks_per_second = 10\nnum_pools = 1\nwaiting_seconds_mean = 4.0\n"
HEADER = (
    "pipeline_id,arrival_seconds,priority,operator_id,parents,"
    "baseline_cpu_seconds,cpu_scaling,memory_gb,storage_read_gb\n"
)
TRACE = f"{HEADER}p1,0,QUERY,op1,,1,const,,2\np2,1.5,INTERACTIVE,op1,,2,const,,2\n"
POLICY = """
@register_scheduler_init(key="mine")
def init(s):
    pass

@register_scheduler(key="mine")
def step(s, results, pipelines):
    {body}
"""


@pytest.fixture
def files(root: Path) -> Path:
    """A folder with a cluster, two traces, a policy that never acts and one that fails."""
    folder = root.parent
    (folder / "cluster.toml").write_text(PARAMETERS)
    (folder / "one.csv").write_text(TRACE)
    (folder / "two.csv").write_text(TRACE.replace("1.5", "2.5"))
    (folder / "idle.py").write_text(POLICY.format(body="return [], []"))
    (folder / "bad.py").write_text(POLICY.format(body="return [], [][0]"))
    return folder


def same(found: Any, expected: Any) -> bool:
    """Equal in everything but the last bits of floats."""
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(same(found[key], expected[key]) for key in expected)
    if isinstance(expected, float) and isinstance(found, float):
        return math.isclose(found, expected, rel_tol=1e-9)
    return bool(found == expected)


@pytest.mark.parametrize(
    ("case", "policy"),
    [
        ("gen_naive_multi", "naive"),
        ("gen_priority_suspends", "priority"),
        ("aging_trace", "tick_ager"),
        ("memory_bits_trace", "memory_watcher"),
    ],
)
def test_a_run_of_eudoxia_is_reproduced(evo: Evo, files: Path, case: str, policy: str) -> None:
    """What upstream reported for a case, and what happened in it, comes out of the command."""
    folder = GOLDEN / "cases" / case
    own = GOLDEN / "policies" / f"{policy}.py"
    words = ["eval", str(own) if own.exists() else policy, "--params", str(folder / "params.toml")]
    trace = folder / "trace.csv"
    if trace.exists():
        words += ["--trace", str(trace)]
    called = evo(*words, "--json", "--events", "events.jsonl")
    assert called.exit_code == 0
    result = json.loads(called.stdout)["results"][0]
    assert (result["trace"], result["status"]) == (str(trace) if trace.exists() else "generated", "ok")
    assert same(result["stats"], json.loads((folder / "expected.json").read_text()))
    with gzip.open(folder / "events.jsonl.gz", "rt") as happened:
        assert (files / "events.jsonl").read_text().splitlines() == [
            json.dumps(json.loads(line)) for line in happened
        ]


@pytest.mark.parametrize("case", ["fault_raise", "fault_badsuspend", "zero_single", "gen_bad_probs"])
def test_a_failing_run_fails_as_upstream(evo: Evo, root: Path, case: str) -> None:
    """A failed run is a result with kind and tick, null fitness, and exit 1."""
    folder = GOLDEN / "cases" / case
    expected = json.loads((folder / "expected.json").read_text())
    trace = folder / "trace.csv"
    name = next(
        one["policy"]
        for one in json.loads((GOLDEN / "MANIFEST.json").read_text())["cases"]
        if one["name"] == case
    )
    own = GOLDEN / "policies" / f"{name}.py"
    words = ["eval", str(own) if own.exists() else name, "--params", str(folder / "params.toml"), "--json"]
    called = evo(*words, *(["--trace", str(trace)] if trace.exists() else []))
    assert called.exit_code == 1
    written = json.loads(called.stdout)
    failure = written["results"][0]["failure"]
    assert (failure["kind"], failure["tick"]) == (expected["error"]["type"], expected["tick"])
    assert (written["results"][0]["status"], written["fitness"]) == ("failed", None)


@pytest.mark.usefixtures("files")
def test_several_traces_are_scored_in_order(evo: Evo) -> None:
    """The fitness is the median over the traces, and any number of workers gives the same but for the seconds."""
    words = [
        "eval",
        "naive",
        "--params",
        "cluster.toml",
        "--trace",
        "one.csv",
        "--trace",
        "two.csv",
        "--metric",
        "latency",
        "--json",
    ]
    alone, together = (json.loads(evo(*words, "--workers", count).stdout) for count in ("1", "2"))
    for written in (alone, together):
        for result in written["results"]:
            assert result.pop("seconds") >= 0
    assert alone == together
    assert [result["trace"] for result in alone["results"]] == ["one.csv", "two.csv"]
    latencies = [result["stats"]["adjusted_latency"] for result in alone["results"]]
    assert alone["fitness"] == {
        "metric": "latency",
        "value": sum(latencies) / 2,
        "per_trace": dict(zip(("one.csv", "two.csv"), latencies, strict=True)),
    }
    assert alone["policy"]["key"] == "naive"
    assert len(alone["policy"]["hash"]) == 64
    assert alone["simulator"]["name"] == "evo"


def test_events_of_several_traces_name_theirs(evo: Evo, files: Path) -> None:
    """With one trace an event line is as upstream's, with several it begins with its trace."""
    words = ["eval", "naive", "--trace", "one.csv", "--trace", "two.csv", "--events", "all.jsonl"]
    assert evo(*words).exit_code == 0
    lines = [json.loads(line) for line in (files / "all.jsonl").read_text().splitlines()]
    assert {next(iter(line.items())) for line in lines} == {("trace", "one.csv"), ("trace", "two.csv")}


@pytest.mark.usefixtures("files")
def test_the_median_of_throughputs(evo: Evo) -> None:
    """Asked for throughput, the fitness is containers per second."""
    written = json.loads(
        evo("eval", "naive", "--params", "cluster.toml", "--metric", "throughput", "--json").stdout
    )
    assert written["fitness"] == {
        "metric": "throughput",
        "value": (value := written["results"][0]["stats"]["throughput"]),
        "per_trace": {"generated": value},
    }


@pytest.mark.usefixtures("files")
def test_a_table_for_the_eye(evo: Evo) -> None:
    """Without --json there is a row per trace, completions per class, and the fitness in a sentence."""
    called = evo("eval", "priority", "--params", "cluster.toml", "--trace", "one.csv")
    assert called.exit_code == 0
    assert "1/1 1/1 0/0" in called.stdout
    assert "fitness: " in called.stdout
    assert "(median penalized)" in called.stdout
    assert called.stdout.split()[1:3] == ["penalized", "(s)"]
    by_latency = evo("eval", "priority", "--params", "cluster.toml", "--trace", "one.csv", "-m", "latency")
    assert "(median latency)" in by_latency.stdout
    assert "penalized" not in by_latency.stdout


@pytest.mark.usefixtures("files")
def test_a_failure_for_the_eye(evo: Evo) -> None:
    """A policy's fault is shown with kind, trace, tick and line, and exits with 1."""
    called = evo("eval", "bad.py", "--trace", "one.csv")
    assert called.exit_code == 1
    assert (
        "failed: exception: IndexError: list index out of range (trace one.csv, tick 0, line 8)"
        in called.stdout
    )


@pytest.mark.usefixtures("files")
def test_a_policy_that_does_nothing_has_no_score(evo: Evo) -> None:
    """A run in which nothing ended has failed, as upstream's has."""
    called = evo("eval", "idle.py", "--trace", "one.csv", "--json")
    assert called.exit_code == 1
    assert json.loads(called.stdout)["results"][0]["failure"]["kind"] == "IndexError"


@pytest.mark.usefixtures("files")
def test_a_file_runs_in_a_cage(evo: Evo, files: Path) -> None:
    """A policy that ends its process harms nobody: it is a failure like others."""
    (files / "rude.py").write_text("import os\n" + POLICY.format(body="os._exit(0)"))
    called = evo("eval", "rude.py", "--trace", "one.csv", "--json")
    assert called.exit_code in {1, 2}  # refused when parsed, or stopped when run
    assert called.exit_code == 2 or json.loads(called.stdout)["results"][0]["failure"]["kind"] == "crash"


def test_an_unknown_policy_lists_the_known(evo: Evo, files: Path) -> None:
    """A mistyped stock name is bad input; with --json the run that upstream would refuse is told as well."""
    called = evo("eval", "nonsense", "--params", "cluster.toml", "--json")
    assert called.exit_code == 2
    assert "stock policies: naive, overbook, priority-pool, priority" in called.stderr
    (result,) = json.loads(called.stdout)["results"]
    assert (result["trace"], result["failure"]["kind"], result["failure"]["tick"]) == (
        "generated",
        "ValueError",
        -1,
    )
    assert "Scheduler 'nonsense' not available." in result["failure"]["message"]
    assert evo("eval", "nonsense").stdout == ""


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (["--params", "missing.toml"], "missing.toml"),
        (["--params", "one.csv"], "one.csv"),
        (["--params", "nan.toml"], "nan.toml"),
        (["--trace", "missing.csv"], "missing.csv"),
        (["--trace", "cluster.toml"], "cluster.toml"),
        (["--trace", "column.csv"], "column.csv"),
        (["--trace", "parent.csv"], "parent.csv, line 3"),
        (["--trace", "negative.csv"], "negative.csv, line 2"),
        (["--trace", "nan.csv"], "nan.csv, line 2"),
        (["--suite", "missing"], "missing"),
        (["--suite", "one.csv"], "one.csv"),
        (["--suite", "quick", "--trace", "one.csv"], "--suite"),
        (["--events", "nowhere/events.jsonl"], "nowhere/events.jsonl"),
        (["--events", "."], "."),
    ],
)
def test_bad_input_is_one_line(evo: Evo, files: Path, words: list[str], place: str) -> None:
    """Whatever is wrong with a file, one line names it and the place, and nothing is written to stdout."""
    (files / "nan.toml").write_text("duration = nan\n")
    (files / "column.csv").write_text(TRACE.replace("arrival_seconds", "arrives"))
    (files / "parent.csv").write_text(TRACE.replace("op1,,2", "op1,op9,2"))
    (files / "negative.csv").write_text(TRACE.replace(",1,const", ",-1,const", 1))
    (files / "nan.csv").write_text(TRACE.replace("p1,0,", "p1,nan,"))
    called = evo("eval", "naive", *words, "--json")
    assert (called.exit_code, called.stdout, called.stderr.count("\n")) == (2, "", 1)
    assert called.stderr.startswith(f"evo: {place}")


@pytest.mark.parametrize("name", ["empty.py", "broken.py", "latin.py", "folder"])
def test_a_file_that_is_no_policy(evo: Evo, files: Path, name: str) -> None:
    """Text that is no policy is bad input, named with file and line; JSON tells it as a failure as well."""
    (files / "empty.py").write_text("")
    (files / "broken.py").write_text("def step(:\n")
    (files / "latin.py").write_bytes(b"# \xe9\n")
    (files / "folder").mkdir()
    called = evo("eval", name, "--trace", "one.csv")
    assert (called.exit_code, called.stderr.count("\n")) == (2, 1)
    assert called.stderr.startswith(f"evo: {name}: ")
    told = evo("eval", name, "--trace", "one.csv", "--json")
    assert told.exit_code == 2
    if name != "folder":
        (result,) = json.loads(told.stdout)["results"]
        assert result["failure"]["kind"] == result["failure"]["class"] in {"syntax", "contract"}


def test_what_a_failed_policy_printed_is_told(evo: Evo, files: Path) -> None:
    """The last that a policy printed stands beside its failure, as data."""
    (files / "loud.py").write_text(POLICY.format(body="print('[bold]last\\x1b[2J words'); return [], [][0]"))
    called = evo("eval", "loud.py", "--trace", "one.csv")
    assert called.stdout.endswith("printed last:\n  [bold]last\\x1b[2J words\n")
    written = json.loads(evo("eval", "loud.py", "--trace", "one.csv", "--json").stdout)
    assert written["results"][0]["failure"]["printed"] == "[bold]last\\x1b[2J words\n"


def test_a_policy_of_ones_own_can_be_watched(evo: Evo, files: Path) -> None:
    """Without the cage what a policy prints is shown, with a loud warning; JSON on stdout stays JSON."""
    (files / "loud.py").write_text(POLICY.format(body="print('tick', s.clock.now_ticks()); return [], [][0]"))
    words = ["eval", "loud.py", "--trace", "one.csv", "--no-sandbox"]
    called = evo(*words)
    assert called.exit_code == 1
    assert "tick 0" in called.stdout
    assert "WARNING: --no-sandbox runs loud.py inside this process" in called.stderr
    written = evo(*words, "--json")
    assert json.loads(written.stdout)["results"][0]["failure"]["class"] == "exception"
    assert "tick 0" in written.stderr
    for more in (["--crosscheck"], ["--simulator", "eudoxia"]):
        assert evo(*words, *more).exit_code == 2


def test_pdb_stops_in_a_policy_of_ones_own(files: Path) -> None:
    """A policy may call the debugger where it is trusted, and the debugger shows its lines."""
    (files / "stops.py").write_text(POLICY.format(body="here = 42; breakpoint(); return [], []"))
    words = [sys.executable, "-m", "evo", "eval", "stops.py", "--trace", "one.csv"]
    trusted = subprocess.run(
        [*words, "--no-sandbox"],
        cwd=files,
        input="p here\nl\nq\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert "(Pdb) 42" in trusted.stdout
    assert "here = 42; breakpoint()" in trusted.stdout
    assert "exception: BdbQuit" in trusted.stdout
    refused = subprocess.run(words, cwd=files, capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "breakpoint may not be used" in refused.stderr


def test_no_run_is_without_a_cage(evo: Evo) -> None:
    """Only `evo eval` knows the option."""
    for command in ("run", "resume"):
        assert evo(command, "--no-sandbox").exit_code == 2
        assert "--no-sandbox" not in evo(command, "--help").stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
@pytest.mark.usefixtures("files")
def test_a_full_disk_is_one_line(evo: Evo) -> None:
    """Events that can't be written end in a line that names their file."""
    called = evo("eval", "naive", "--trace", "one.csv", "--events", "/dev/full")
    assert called.exit_code == 2
    assert called.stderr == "evo: /dev/full: No space left on device; free some space or name another file\n"


def test_a_full_disk_leaves_no_half_file(files: Path) -> None:
    """Where only some bytes fit, the file that was there stays as it was."""
    (files / "events.jsonl").write_text("older\n")

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))

    words = ["eval", "naive", "--trace", "one.csv", "--events", "events.jsonl"]
    called = subprocess.run(
        [sys.executable, "-B", "-m", "evo", *words],
        cwd=files,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=no_room,
    )
    assert called.returncode == 2
    assert called.stderr.startswith("evo: events.jsonl: File too large")
    assert (files / "events.jsonl").read_text() == "older\n"
    assert sorted(path.name for path in files.glob("*events*")) == ["events.jsonl"]
