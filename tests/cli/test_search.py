"""`evo run` and `evo resume` as a user has them: real processes that are watched, stopped, killed and gone on with."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from evo.saved import read_run
from tests.cli.conftest import Evo
from tests.cli.family import NAME, found

EVO = (sys.executable, "-m", "evo")
SUITE = """
[cluster]
duration = 20
ticks_per_second = 10
num_pools = 1
cpus_per_pool = 64
ram_gb_per_pool = 500
num_operators = 2
multi_operator_containers = false

[[trace]]
seed = 1
waiting_seconds_mean = 3.0

[[trace]]
seed = 2
waiting_seconds_mean = 4.0
"""
BARE = ("--suite", "tiny.toml", "--population", "4", "--children", "4", "--seed", "5")
SMALL = (*BARE, "--metric", "latency")
LONG = (*SMALL, "--generations", "500")

WATCHER = """
import ctypes, os, signal, subprocess, sys, time
from pathlib import Path
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: whoever is orphaned becomes a child of this
evo = subprocess.Popen(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
journal = Path("populations/one/journal.jsonl")
while not journal.exists() or journal.read_bytes().count(b"\\n") < 8:
    assert evo.poll() is None, evo.stderr.read()
    time.sleep(0.02)
evo.send_signal(getattr(signal, sys.argv[1]))
said = evo.communicate()[1]
def living():
    states = [Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()[0]
              for task in Path("/proc/self/task").iterdir() for child in (task / "children").read_text().split()]
    return [state for state in states if state != "Z"]
patience = time.monotonic() + 20
while living() and time.monotonic() < patience:
    time.sleep(0.05)
print(evo.returncode, len(living()))
print(said.strip().splitlines()[-1].strip())
"""


@pytest.fixture
def place(root: Path) -> Path:
    """An empty current directory with a tiny suite in it."""
    (root.parent / "tiny.toml").write_text(SUITE)
    return root.parent


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The folder of an uninterrupted run of three generations, and what was written by it."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "tiny.toml").write_text(SUITE)
    words = (*EVO, "run", *SMALL, "--generations", "3", "--workers", "2")
    return folder, subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True)


def call(
    place: Path, *words: str, limit: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `evo` there in a process of its own."""
    return subprocess.run(
        [*EVO, *words], cwd=place, capture_output=True, text=True, check=False, preexec_fn=limit
    )


def fame(place: Path, name: str) -> object:
    """The whole hall of fame of a run."""
    return json.loads(call(place, "hof", name, "--top", "1000", "--json").stdout)


def contents(folder: Path) -> dict[str, bytes]:
    """A run's files by path, its lock aside."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "lock"
    }


def test_a_run_ends_with_its_best(whole: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """A run tells its name, a line per generation, the best against the stock policies, and what to type next."""
    folder, told = whole
    best = json.loads(call(folder, "hof", "tiny-latency-1", "--json").stdout)[0]["id"]
    assert f"best: {best} with " in told.stdout
    assert " naive, " in told.stdout
    assert " priority" in told.stdout
    assert "\x1b" not in told.stdout + told.stderr
    for words in ("Run 'tiny-latency-1'", "0/3", "3/3", "generation 3 was the last"):
        assert words in told.stderr
    for command in ("show", "export", "resume"):
        assert f"  evo {command} tiny-latency-1" in told.stderr


def test_names_are_the_first_that_is_free(evo: Evo, place: Path) -> None:
    """A run without a name is called after suite and metric, with the first number that is not taken."""
    words = ("run", *BARE, "--generations", "0", "--init", "naive", "--metric", "throughput")
    for number in (1, 2):
        called = evo(*words)
        assert called.exit_code == 0
        assert f"Run 'tiny-throughput-{number}'" in called.stderr
    assert " priority" in called.stdout  # scored for comparison although the run hasn't got it


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_killed_run_goes_on_as_if_nothing_had_been(
    place: Path, whole: tuple[Path, subprocess.CompletedProcess[str]], workers: str
) -> None:
    """Killed at any moment and resumed with any number of workers, a run ends with the same bytes."""
    words = ("run", "--name", "one", *SMALL, "--generations", "3", "--workers", "2")
    begun = subprocess.Popen([*EVO, *words], cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    journal = place / "populations" / "one" / "journal.jsonl"
    while not journal.exists() or journal.read_bytes().count(b"\n") < 9:
        assert begun.poll() is None
        time.sleep(0.01)
    begun.kill()
    begun.wait()
    resumed = call(place, "resume", "one", "--workers", workers)
    assert resumed.returncode == 0, resumed.stderr
    assert contents(place / "populations" / "one") == contents(whole[0] / "populations" / "tiny-latency-1")


def test_a_run_can_be_extended(place: Path, whole: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """One generation and two more give the hall of fame of three; asked again, an ended run shows it once more."""
    assert call(place, "run", "--name", "one", *SMALL, "--generations", "1").returncode == 0
    assert call(place, "resume", "one", "--generations", "+2").returncode == 0
    assert fame(place, "one") == fame(whole[0], "tiny-latency-1")
    before = contents(place / "populations" / "one")
    again = call(place, "resume", "one")
    assert again.returncode == 0
    assert "has ended already" in again.stderr
    assert "best: " in again.stdout
    assert contents(place / "populations" / "one") == before


def test_a_run_by_two_metrics(evo: Evo, place: Path) -> None:
    """Killed, resumed and replayed it is the same run; its end shows the front, and the best by each metric."""
    words = ("run", *BARE, "--generations", "1", "--metric", "latency", "--metric", "throughput")
    begun = subprocess.Popen(
        [*EVO, *words, "--name", "one"], cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    journal = place / "populations" / "one" / "journal.jsonl"
    while not journal.exists() or journal.read_bytes().count(b"\n") < 7:
        assert begun.poll() is None
        time.sleep(0.01)
    begun.kill()
    begun.wait()
    assert evo("resume", "one", "--workers", "1").exit_code == 0
    told = evo(*words)
    assert "Run 'tiny-latency-throughput-1': suite tiny.toml, latency and throughput, seed 5" in told.stderr
    for line in ("best latency: ", "best throughput: ", "Pareto front of ", "latency (s), lower is better"):
        assert line in told.stdout
    name = "tiny-latency-throughput-1"
    assert contents(place / "populations" / "one") == contents(place / "populations" / name)
    assert evo("replay", name, "--workers", "1").stdout.startswith("identical: ")
    front = json.loads(evo("hof", name, "--json").stdout)
    values = [(one["fitness"]["value"], one["fitness"]["beside"][0]["value"]) for one in front]
    assert values == sorted(set(values))
    assert [throughput for _, throughput in values] == sorted({throughput for _, throughput in values})


def test_a_run_of_so_many_evaluations(evo: Evo, place: Path) -> None:
    """A run ends with the evaluations that it was asked for, says so, and goes on when it is asked for more."""
    begun = evo("run", "--name", "one", *SMALL, "--evaluations", "10")
    assert begun.exit_code == 0, begun.stderr
    assert "10 evaluations in generations of 4 children" in begun.stderr
    assert "10 policies were scored, as many as were asked for" in begun.stderr
    run = read_run(place / "populations", "one")
    assert (len(run.individuals), run.stop) == (10, "evaluations")
    resumed = evo("resume", "one", "--generations", "+1")
    assert resumed.exit_code == 0, resumed.stderr
    assert len(read_run(place / "populations", "one").generations) == len(run.generations) + 1


@pytest.mark.skipif(sys.platform != "linux", reason="finds orphans by Linux's means")
@pytest.mark.parametrize(("stop", "status"), [("SIGINT", 130), ("SIGKILL", -signal.SIGKILL)])
def test_a_stopped_run_leaves_no_process(place: Path, stop: str, status: int) -> None:
    """Ctrl-C ends a run with 130 and says how to go on; however it ends, all its processes end with it."""
    watched = subprocess.run(
        [sys.executable, "-c", WATCHER, stop, *EVO, "run", "--name", "one", *LONG],
        cwd=place,
        capture_output=True,
        text=True,
        check=True,
    )
    ended, last_words = watched.stdout.splitlines()
    assert ended == f"{status} 0"
    assert stop == "SIGKILL" or last_words == "evo resume one"
    assert "Traceback" not in watched.stdout


def test_two_processes_on_one_run(place: Path) -> None:
    """While one process writes a run another can read it, but neither resume it nor take its name."""
    begun = subprocess.Popen(
        [*EVO, "run", "--name", "one", *LONG], cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        journal = place / "populations" / "one" / "journal.jsonl"
        while not journal.exists() or journal.read_bytes().count(b"\n") < 3:
            assert begun.poll() is None
            time.sleep(0.01)
        assert json.loads(call(place, "list", "--json").stdout)[0]["state"] == "running"
        for words, said in (
            (("resume", "one"), "in use by process"),
            (("run", "--name", "one"), "exists already"),
        ):
            refused = call(place, *words)
            assert refused.returncode == 2
            assert said in refused.stderr
            assert "Traceback" not in refused.stderr
    finally:
        begun.send_signal(signal.SIGINT)
        assert begun.wait() == 130


def test_a_full_disk_loses_nothing(place: Path, whole: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """When the journal can't grow the run ends with one line and 2; with room again it goes on to the same end."""
    files = contents(whole[0] / "populations" / "tiny-latency-1")
    journal = len(files.pop("journal.jsonl"))
    room = max(len(data) for data in files.values()) + 100
    assert room < journal

    def little() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    full = call(place, "run", "--name", "one", *SMALL, "--generations", "3", limit=little)
    assert full.returncode == 2
    assert "nothing saved is lost" in full.stderr.splitlines()[-1]
    assert "Traceback" not in full.stderr
    assert call(place, "resume", "one").returncode == 0
    assert contents(place / "populations" / "one") == contents(whole[0] / "populations" / "tiny-latency-1")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--config", "missing.toml"], "missing.toml: No such file"),
        (["--config", "broken.toml"], "broken.toml: not valid TOML"),
        (["--config", "unknown.toml"], "unknown.toml: line 2: unknown key 'sede'"),
        (["--population", "1"], "population must be between 2"),
        (
            ["--metric", "latency", "--metric", "latency"],
            "metric must be at least one, and none of them twice",
        ),
        (["--target", "nan"], "target must be a finite number"),
        (["--suite", "nothing"], "nothing: no such file"),
        (["--suite", "broken.toml"], "broken.toml: not valid TOML"),
        (["--init", "nobody"], "nobody: no such policy"),
        (["--name", "../x"], "'../x' can't be a run's name"),
        (["--name", "baseline"], "'baseline' can't be a run's name"),
    ],
)
def test_a_run_that_cant_begin(evo: Evo, place: Path, words: list[str], said: str) -> None:
    """Whatever is wrong with what a run is asked, one line says so, and nothing is saved."""
    (place / "broken.toml").write_text("seed = [\n")
    (place / "unknown.toml").write_text("seed = 1\nsede = 2\n")
    called = evo("run", *SMALL, *words)
    assert called.exit_code == 2
    assert called.stderr.splitlines()[-1].startswith(f"evo: {said}")
    assert not (place / "populations").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--model", ""], "models must not be empty"),
        (["--model", "nobody:x"], "model 'nobody:x': whose model"),
        (["--model", "claude-sonnet-5-5=0"], "model 'claude-sonnet-5-5=0': the weight"),
        (["--model", "claude-sonnet-5-5"], "no key: set ANTHROPIC_API_KEY"),
        (["--model", "http://127.0.0.1:1/v1#x", "--budget", "5"], "a budget needs every price"),
        (["--strategy", "chat"], "the strategy chat needs a model"),
    ],
)
def test_models_that_cant_be_asked(
    evo: Evo, place: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    """What keeps models from being asked is all that is said, in one line, before anything is announced or saved."""
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    called = evo("run", *SMALL, *words)
    assert called.exit_code == 2
    assert called.stderr.startswith(f"evo: {said}")
    assert called.stderr.count("\n") == 1
    assert not (place / "populations").exists()


def test_a_run_from_files_that_are_no_policies_ends(evo: Evo, place: Path) -> None:
    """Each is told with its reason, the run ends normally, and every command copes with what was refused."""
    for name, text in (("a", "def (:\n"), ("b", "x = 1  # \x1b[31m")):
        (place / f"{name}.py").write_text(text)
    called = evo("run", "--name", "none", *SMALL, "--init", "a.py", "--init", "b.py")
    assert called.exit_code == 0, called.stderr
    assert "refused: initial: a: failed: " in called.stderr
    assert "no policy of the first population is one that could have children" in called.stderr
    assert "No policy of 'none' has a fitness: all 2 failed (" in called.stdout
    assert "No policy of 'none' has a fitness" in evo("resume", "none", "--generations", "+2").stdout
    assert json.loads(evo("hof", "none", "--json").stdout) == []
    assert json.loads(evo("list", "--json").stdout)[0]["stop"] == "extinct"
    assert evo("show", "none", "1").stdout == "x = 1  # \x1b[31m\n"
    refused = evo("export", "none", "1")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "was refused and is no policy" in refused.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nobody"], "no run 'nobody'"),
        ([NAME, "--generations", "many"], "--generations many: give +G"),
        ([NAME, "--generations", "1"], "is at 2 already"),
        ([NAME, "--generations", "-1"], "--generations -1: give +G"),
    ],
)
def test_a_run_that_cant_go_on(evo: Evo, root: Path, words: list[str], said: str) -> None:
    """A wrong name or number is one line, and the run stays as it was."""
    found(root)
    before = contents(root)
    called = evo("resume", *words)
    assert (called.exit_code, called.stderr.count("\n")) == (2, 1)
    assert said in called.stderr
    assert contents(root) == before
