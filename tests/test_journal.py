"""Saved runs: what is written is what is read, nothing is lost or half-written, and one process writes at a time."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from evo import journal as journal_module
from evo.config import RunConfig
from evo.errors import RunError, StorageError
from evo.journal import Journal, Kit, list_runs, read_run
from evo.metric import Metric
from evo.population import (
    Failure,
    FailureKind,
    Fitness,
    Founder,
    Individual,
    Lineage,
    Partial,
    Policy,
    TraceScore,
)
from evo.records import Closed, Ended, Skipped
from evo.runfolder import create_folder, free_name, populations

SOURCE = "# a policy é\nx = 1\r\n"


def policy(name: str) -> Policy:
    """A policy; what its source means is nothing to a journal."""
    return Policy(f"{SOURCE}name = {name!r}\n", hash=f"hash of {name}", key=name)


def fitness(value: float) -> Fitness:
    """A fitness on one trace."""
    return Fitness(Metric.LATENCY, value, (TraceScore("t", value, (1, 2), (0, 0), (3, 3)),))


def begin(root: Path, name: str = "mine", **settings: int) -> Journal:
    """A run with one initial policy and a file of its own."""
    kit = Kit("digest", [Founder("naive", policy("naive"))], {"traces/t.csv": b"a trace"})
    return Journal.create(root, name, RunConfig(**settings), kit)  # type: ignore[arg-type]


def fill(journal: Journal) -> None:
    """Two individuals, one number left unused, a complete generation, and one individual of the next."""
    journal.add(Individual(0, 0, policy("naive"), Lineage("initial", detail="naive"), fitness(2.5)), 1)
    failure = Failure(FailureKind.EXCEPTION, "half a pair: \ud800", trace="t", tick=7, line=3)
    journal.add(Individual(1, 0, policy("child"), Lineage("constants", ("0",), "1 to 2"), failure), 3)
    journal.append(Skipped(number=2, generation=0, attempts=4, reason="every draw was known", twin=True))
    journal.append(
        Closed(
            number=0,
            survivors=(0, 1),
            best=0,
            median=2.5,
            failures={"IndexError": 1},
            redrawn=5,
            duplicates=1,
            barren=0,
            evaluations=2,
        )
    )
    journal.add(Individual(3, 1, policy("late"), Lineage("constants", ("0",)), fitness(1.5)), 1)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a run by its path."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """A reader finds the run as its writer left it: individuals, generations, sources to the byte."""
    with begin(tmp_path, seed=7) as journal:
        fill(journal)
        state = journal.state
    run = read_run(tmp_path, "mine")
    assert run.config == RunConfig(seed=7)
    assert run.individuals == tuple(state.individuals.values())
    assert run.generations == tuple(state.generations)
    assert [one.policy.source for one in run.individuals] == [
        policy(n).source for n in ("naive", "child", "late")
    ]
    assert run.individuals[1].outcome == Failure(
        FailureKind.EXCEPTION, "half a pair: ?", trace="t", tick=7, line=3
    )
    assert [one.number for one in run.hall_of_fame()] == [3, 0]
    assert run.individual("3").lineage == Lineage("constants", ("0",))
    assert run.individual("best") is run.individual("hash of late") is run.individuals[2]
    for name, fault in (("2", "no individual '2'"), ("hash", "more than one individual 'hash'")):
        with pytest.raises(RunError, match=fault):
            run.individual(name)
    generation = run.generations[0]
    assert generation.best is run.individuals[0]
    assert [one.number for one in generation.population.individuals] == [0, 1]
    assert (run.asked, run.stop) == (RunConfig().generations, None)


def test_who_was_stopped_is_read_as_written(tmp_path: Path) -> None:
    """What is known of a policy that was stopped is kept; who never was says nothing of it, and no run is its best."""
    partial = Partial(Metric.LATENCY, 1.25, 1.0, 3, fitness(9.0).per_trace)
    with begin(tmp_path) as journal:
        fill(journal)
        before = (tmp_path / "mine" / "journal.jsonl").read_bytes()
        journal.add(Individual(4, 1, policy("slow"), Lineage("constants", ("0",)), partial), 1)
    assert b"partial" not in before
    assert b"spared" not in before
    run = read_run(tmp_path, "mine")
    assert run.individuals[-1].outcome == partial
    assert run.individuals[-1].fitness is None
    assert run.hall_of_fame()[0].number == 3


def test_a_run_born_before_there_were_stages_goes_on_without(tmp_path: Path) -> None:
    """Its configuration doesn't name them, and what it would have done then is what it does."""
    begin(tmp_path).close()
    folder = tmp_path / "mine"
    settings = (folder / "config.toml").read_bytes()
    older = settings.replace(b"stages = true\n", b"")
    assert older != settings
    (folder / "config.toml").write_bytes(older)
    path = folder / "journal.jsonl"
    new, old = (sha256(data).hexdigest() for data in (settings, older))
    path.write_text(path.read_text().replace(new, old))
    run = read_run(tmp_path, "mine")
    assert run.config == RunConfig(stages=False)
    assert RunConfig().stages


@pytest.mark.parametrize(
    ("old", "kind", "message", "repeats"),
    [
        ("ZeroDivisionError", FailureKind.EXCEPTION, "ZeroDivisionError: why", True),
        ("time", FailureKind.TIMEOUT, "why", False),
        ("work", FailureKind.TIMEOUT, "why", True),
        ("crash", FailureKind.CRASH, "why", True),
    ],
)
def test_failures_of_older_runs_are_read(
    tmp_path: Path, old: str, kind: FailureKind, message: str, repeats: bool
) -> None:
    """A run saved when kinds were the types of exceptions reads with today's kinds."""
    with begin(tmp_path) as journal:
        fill(journal)
    path = tmp_path / "mine" / "journal.jsonl"
    new = '"failure":{"kind":"exception","message":"half a pair: ?","trace":"t","tick":7,"line":3}'
    text = path.read_text()
    assert new in text
    older = f'"fitness":null,"failure":{{"kind":"{old}","message":"why","trace":"t","tick":null,"line":3}}'
    path.write_text(text.replace(new, older))
    outcome = read_run(tmp_path, "mine").individuals[1].outcome
    assert outcome == Failure(kind, message, "t", None, 3, repeats=repeats)


def test_a_folder_holds_all_and_no_traces_of_its_making(tmp_path: Path) -> None:
    """The folder has the files that it was born with, readable policies, and nothing that tells when or where."""
    with begin(tmp_path) as journal:
        fill(journal)
    with begin(tmp_path, "again") as journal:
        fill(journal)
    files = contents(tmp_path / "mine")
    assert list(files) == [
        "config.toml",
        "journal.jsonl",
        "lock",
        "policies/0.py",
        "policies/1.py",
        "policies/3.py",
        "traces/t.csv",
    ]
    assert files == contents(tmp_path / "again")
    assert files["policies/0.py"].decode() == policy("naive").source


def test_the_writer_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """A journal that is opened again holds the same state, and takes the next record."""
    with begin(tmp_path) as journal:
        fill(journal)
        before = journal.state
    with Journal.open(tmp_path, "mine") as journal:
        assert journal.state.individuals == before.individuals
        assert journal.state.next_number == 4
        assert journal.initial == [Founder("naive", policy("naive"))]
        journal.append(Skipped(number=4, generation=1, attempts=1, reason="nothing to change"))
    assert len(read_run(tmp_path, "mine").individuals) == 3


def test_a_torn_last_line_is_forgiven(tmp_path: Path) -> None:
    """Cut anywhere after its header, a journal reads as the lines that are whole, and the writer cuts off the rest."""
    with begin(tmp_path) as journal:
        fill(journal)
    path = tmp_path / "mine" / "journal.jsonl"
    whole = path.read_bytes()
    for cut in range(whole.index(b"\n") + 1, len(whole), 7):
        path.write_bytes(whole[:cut])
        lines = whole[:cut].count(b"\n")
        assert len(read_run(tmp_path, "mine").individuals) == [0, 1, 2, 2, 2, 3][lines - 1]
        assert path.read_bytes() == whole[:cut]
        Journal.open(tmp_path, "mine").close()
        assert path.read_bytes() == whole[:cut].rpartition(b"\n")[0] + b"\n"


@pytest.mark.parametrize(
    ("line", "damage"),
    [
        (2, b"{"),
        (2, b""),
        (3, b"\xff"),
        (3, b'{"record":"surprise"}'),
        (4, b'{"record":"end","reason":"generations"}'),
        (5, b'{"record":"skipped","number":9,"generation":0,"attempts":1,"reason":""}'),
        (3, b'{"record":"individual","number":1,"generation":0}'),
    ],
)
def test_a_damaged_line_is_named(tmp_path: Path, line: int, damage: bytes) -> None:
    """A line that can't be read, or can't stand where it stands, is an error with its number, and nothing changes."""
    with begin(tmp_path) as journal:
        fill(journal)
    path = tmp_path / "mine" / "journal.jsonl"
    lines = path.read_bytes().split(b"\n")
    lines[line - 1] = damage
    path.write_bytes(b"\n".join(lines))
    for access in (read_run, Journal.open):
        with pytest.raises(RunError, match=rf"journal\.jsonl: line {line} is damaged") as caught:
            access(tmp_path, "mine")
        assert "\n" not in str(caught.value)
    assert path.read_bytes() == b"\n".join(lines)


def test_a_lost_header_is_an_error(tmp_path: Path) -> None:
    """A journal cut within its first line has nothing to go on with, and says so."""
    begin(tmp_path).close()
    path = tmp_path / "mine" / "journal.jsonl"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(RunError, match="cut short in its first line"):
        read_run(tmp_path, "mine")


def test_a_newer_run_is_refused(tmp_path: Path) -> None:
    """A journal of a later format names the evo that wrote it, whatever else its lines hold."""
    begin(tmp_path).close()
    path = tmp_path / "mine" / "journal.jsonl"
    path.write_bytes(b'{"record":"born","format":2,"evo":"7.5","unheard":{}}\n{"record":"of"}\n')
    with pytest.raises(RunError, match=r"written by a newer evo \(7\.5\)"):
        read_run(tmp_path, "mine")


def test_scores_of_two_simulators_are_not_mixed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run scored by another simulator can be read, but not gone on with."""
    begin(tmp_path).close()
    monkeypatch.setattr(journal_module, "SIMULATOR_VERSION", "evo-next")
    assert read_run(tmp_path, "mine").header.simulator != "evo-next"
    with pytest.raises(RunError, match=r"scored by simulator .*, this is evo-next; start a new run"):
        Journal.open(tmp_path, "mine")


@pytest.mark.parametrize("file", ["config.toml", "policies/1.py"])
def test_a_changed_file_is_noticed(tmp_path: Path, file: str) -> None:
    """What the scores rest on can't be edited unnoticed, nor be missing."""
    with begin(tmp_path) as journal:
        fill(journal)
    path = tmp_path / "mine" / file
    path.write_text(path.read_text() + "# later\n")
    with pytest.raises(RunError, match=rf"{path.name}: changed since"):
        read_run(tmp_path, "mine")
    path.unlink()
    with pytest.raises(RunError, match=rf"{path.name}: No such file"):
        read_run(tmp_path, "mine")


def test_names(tmp_path: Path) -> None:
    """Runs are listed by name, a new one gets the next number, an unknown one a hint, an impossible one a reason."""
    assert list_runs(tmp_path / "nowhere") == []
    assert free_name(tmp_path / "nowhere") == "run-1"
    for name in ("run-9", "run-10", "mine"):
        begin(tmp_path, name).close()
    (tmp_path / "baseline").mkdir()
    assert list_runs(tmp_path) == ["mine", "run-10", "run-9"]
    assert free_name(tmp_path) == "run-11"
    with pytest.raises(RunError, match=r"no run 'mein' in .* \(did you mean mine\?\)"):
        read_run(tmp_path, "mein")
    with pytest.raises(RunError, match=r"no run 'baseline' in .* \(saved runs: mine"):
        read_run(tmp_path, "baseline")
    for name in ("baseline", "a/b", "..", "", ".hidden", "a b", "x" * 65):
        with pytest.raises(RunError, match="can't be a run's name"):
            begin(tmp_path, name)


def test_a_name_is_used_once(tmp_path: Path) -> None:
    """A second run of a name is refused with the two mends, and the first is untouched."""
    begin(tmp_path).close()
    before = contents(tmp_path)
    with pytest.raises(
        RunError, match=r"exists already; go on with `evo resume mine`, or give another --name"
    ):
        begin(tmp_path, seed=2)
    assert contents(tmp_path) == before


def test_where_runs_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder given wins over EVO_POPULATIONS, and that over ./populations."""
    monkeypatch.delenv("EVO_POPULATIONS", raising=False)
    assert populations() == Path("populations")
    monkeypatch.setenv("EVO_POPULATIONS", str(tmp_path))
    assert populations() == tmp_path
    assert populations(Path("elsewhere")) == Path("elsewhere")


def fill_disk(monkeypatch: pytest.MonkeyPatch, left: int) -> None:
    """Let `os.write` behave as on a disk with so many bytes left: a short write, then none."""
    free, write = [left], os.write

    def short_write(descriptor: int, data: bytes) -> int:
        if not free[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = write(descriptor, data[: free[0]])
        free[0] -= written
        return written

    monkeypatch.setattr(os, "write", short_write)


def test_a_full_disk_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk is full in the middle of a record, the record is gone, all before it stays, and space mends it."""
    record = Skipped(number=0, generation=0, attempts=1, reason="nothing to change")
    with begin(tmp_path) as journal, monkeypatch.context() as patch:
        before = contents(tmp_path / "mine")
        fill_disk(patch, 20)
        with pytest.raises(StorageError, match=r"No space left .*free some space .*`evo resume mine`"):
            journal.append(record)
        assert contents(tmp_path / "mine") == before
        assert journal.state.next_number == 0
        patch.undo()
        journal.append(record)
    assert Journal.open(tmp_path, "mine").state.next_number == 1


def child(code: str, *arguments: object) -> subprocess.Popen[str]:
    """A real second process that runs `code` with `sys.argv[1:]`."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )


LIMITED = """
    import resource, signal, sys
    from pathlib import Path
    from tests.test_journal import begin, fill
    from evo.errors import StorageError
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
    try:
        with begin(Path(sys.argv[1])) as journal:
            fill(journal)
    except StorageError as error:
        print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
@pytest.mark.parametrize("limit", [20, 700, 1200])
def test_a_write_that_the_system_refuses(tmp_path: Path, limit: int) -> None:
    """A real refusal, at birth or later, leaves no half run: it doesn't exist, or it can be gone on with."""
    process = child(LIMITED, tmp_path, limit)
    output, _ = process.communicate(timeout=60)
    assert "File too large; " in output
    assert [path.name for path in tmp_path.iterdir()] == list_runs(tmp_path)
    for name in list_runs(tmp_path):
        data = (tmp_path / name / "journal.jsonl").read_bytes()
        assert data.endswith(b"\n")
        with Journal.open(tmp_path, name) as journal:
            assert journal.state.header is not None
        assert not list((tmp_path / name).rglob("*.tmp"))


HOLDER = """
    import sys
    from pathlib import Path
    from evo.journal import Journal
    with Journal.open(Path(sys.argv[1]), "mine"):
        print("open", flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has the run "mine" open."""
    begin(tmp_path).close()
    with child(HOLDER, tmp_path) as process:
        assert process.stdout
        assert process.stdout.readline() == "open\n"
        yield process
        process.kill()


def test_one_writer(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    """While a process writes a run, a second writer learns who it is, and readers read; afterwards it may write."""
    with pytest.raises(RunError, match=rf"mine: in use by process {holder.pid}; wait"):
        Journal.open(tmp_path, "mine")
    assert read_run(tmp_path, "mine").in_use
    assert holder.stdin
    holder.stdin.close()
    assert holder.wait(60) == 0
    assert not read_run(tmp_path, "mine").in_use
    Journal.open(tmp_path, "mine").close()


def test_a_killed_writer_holds_nothing(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    """A lock dies with its process, and the number that it left in the folder goes with the next writer."""
    holder.send_signal(signal.SIGKILL)
    holder.wait(60)
    Journal.open(tmp_path, "mine").close()
    assert (tmp_path / "mine" / "lock").read_bytes() == b""


def test_a_birth_cut_short_leaves_no_run(tmp_path: Path) -> None:
    """What a killed birth left aside is no run, and doesn't stand in the way of the next."""
    (tmp_path / f".mine.{os.getpid()}" / "policies").mkdir(parents=True)
    assert list_runs(tmp_path) == []
    begin(tmp_path).close()
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_birth_never_replaces(tmp_path: Path) -> None:
    """Even a folder that isn't a run keeps its name and what is in it."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.md").write_text("keep me")
    with pytest.raises(RunError, match="exists already"):
        create_folder(tmp_path, "mine", {"journal.jsonl": b""})
    assert contents(tmp_path) == {"mine/notes.md": b"keep me"}


def test_extensions(tmp_path: Path) -> None:
    """More generations are recorded only where they go beyond what is asked already, or beyond an end."""
    with begin(tmp_path, generations=3) as journal:
        fill(journal)
        journal.extend(3)
        assert journal.state.extended is None
        journal.extend(5)
        assert journal.asked == 5
        journal.append(Ended(reason="patience"))
        assert journal.state.generations[-1].stop == "patience"
        journal.extend(2)
        assert journal.state.lifted == {"patience"}
    run = read_run(tmp_path, "mine")
    assert (run.asked, run.stop, run.generations[-1].stop) == (2, None, None)
