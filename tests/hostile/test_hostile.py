"""Every policy of the corpus ends as it must, and nobody outside notices that it ran.

One run of `evo` with four workers has the whole corpus as its first population. What it does is watched from outside:
files, sockets, keys, processes. Then what the gate refuses is given to the cage all the same.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from evo.evaluation import load_suite, run_policy
from evo.evaluation.metrics import judged
from evo.metric import Metric
from evo.policy import parse
from evo.population import Failure, Fitness, Individual, ranked
from evo.saved import Run, read_run
from evo.shipped import REFERENCES
from tests.hostile.corpus import FILES, KEY, LIMITS, SCORED, WATCHER, Place, kind_of, name_of, place

pytestmark = [
    pytest.mark.all_cores,
    pytest.mark.skipif(sys.platform != "linux", reason="watches processes by Linux's means"),
]

ROOT = Path(__file__).parents[2]
SETTINGS = "limit_seconds = {}\nlimit_memory_mb = {}\nlimit_work = {}\npopulation = 8\nchildren = 4\ntournament = 2\n"


@dataclass(frozen=True)
class Told:
    """What a command did: its exit code, what it wrote, the processes it left, and the traps afterwards."""

    status: int
    stdout: str
    stderr: str
    left: int
    calls: int
    before: dict[str, bytes]
    after: dict[str, bytes]


def watched(there: Place, *command: str) -> Told:
    """Run a command in that place, with a key in its environment, and watch it from outside."""
    report = there.folder / "processes.told"
    before = there.untouched()
    environment = {**os.environ, "ANTHROPIC_API_KEY": KEY, "OPENAI_API_KEY": KEY, "HOME": str(there.canary)}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", WATCHER, str(report), sys.executable, *command],
        cwd=there.folder,
        env=environment,
        capture_output=True,
        check=True,
    )
    status, left = map(int, report.read_text().split())
    said = (done.stdout.decode(), done.stderr.decode())
    return Told(status, *said, left, there.called(), before, there.untouched())


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A place with traps and the whole corpus."""
    with place(tmp_path_factory.mktemp("hostile")) as made:
        made.copy(FILES)
        made.copy([path for path in FILES if kind_of(path) == "forbidden" or path.stem == "plain"], "refused")
        hopeless = {"exception", "contract", "memory"}  # without one action that a mutant could make good
        bad = [
            path for path in FILES if kind_of(path) in hopeless and b"Assignment(" not in path.read_bytes()
        ]
        made.copy(bad, "bad")
        (made.folder / "config.toml").write_text(SETTINGS.format(*LIMITS))
        yield made


@pytest.fixture(scope="module")
def told(there: Place) -> Told:
    """One run of the whole corpus with four workers."""
    words = ["run", "--name", "all", "--config", "config.toml", "--suite", "suite.toml", "--init", "corpus"]
    words += ["--metric", "latency"]
    for name in REFERENCES:  # which else were scored at the end
        words += ["--init", name]
    return watched(there, "-m", "evo", *words, "--generations", "1", "--workers", "4")


@pytest.fixture(scope="module")
def run(there: Place, told: Told) -> Run:
    """What that run saved."""
    assert told.status == 0, told.stderr
    return read_run(there.folder / "populations", "all")


@pytest.fixture(scope="module")
def uncaged(there: Place) -> tuple[Told, dict[str, dict[str, Any]]]:
    """What the gate refuses, run in the cage without asking the gate."""
    words = ("-m", "tests.hostile.uncaged", "refused", "suite.toml", json.dumps(LIMITS))
    seen = watched(there, *words)
    assert seen.status == 0, seen.stderr
    lines = [json.loads(line) for line in seen.stdout.splitlines()]
    return seen, {line["name"]: line for line in lines}


def founders(run: Run) -> dict[str, Individual]:
    """The first population by what the files were called."""
    return {one.lineage.detail: one for one in run.individuals if one.lineage.variation == "initial"}


def test_the_corpus_is_large_enough() -> None:
    """There is enough of each sort."""
    kinds = [kind_of(path) for path in FILES]
    assert kinds.count("honest") >= 20
    assert sum(kind not in SCORED for kind in kinds) >= 100
    assert len({name_of(path) for path in FILES}) == len(FILES)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_it_ends_as_it_must(run: Run, path: Path) -> None:
    """Each is scored, or fails in the one way that it must fail in."""
    outcome = founders(run)[name_of(path)].outcome
    if isinstance(outcome, Failure):
        assert outcome.kind.value == kind_of(path), outcome
    assert isinstance(outcome, Fitness) is (kind_of(path) in SCORED), outcome


def test_cheats_that_are_allowed_change_nothing(run: Run) -> None:
    """Who edits only its own picture of the run scores exactly what it would have scored without."""
    first = founders(run)
    plain = first["vain--plain"].fitness
    assert plain is not None
    for name, one in first.items():
        if name.startswith("vain--"):
            assert one.fitness is not None
            assert one.fitness.reached == plain.reached, name


def test_the_hall_of_fame_is_right(run: Run, there: Place) -> None:
    """The honest ones stand in it, in the order of what they score alone, outside of any cage, each behaviour once; nobody else does."""
    suite = load_suite(there.folder / "suite.toml")
    expected = [one for one in founders(run).values() if one.fitness is not None]
    for one in expected:
        policy = parse(one.policy.source)
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
            results = [(t.name, run_policy(policy, t, suite.parameters).result) for t in suite.traces]
        alone = judged(Metric.LATENCY, results)
        assert isinstance(alone, Fitness)
        assert one.fitness is not None
        assert alone.reached == one.fitness.reached
    assert len({one.fitness and one.fitness.value for one in expected}) > 8
    assert len(expected) == sum(kind_of(path) in SCORED for path in FILES) + len(REFERENCES)
    best = [one for one in run.hall_of_fame(1000) if one.lineage.variation == "initial"]
    first: dict[object, Individual] = {}
    for one in ranked(expected):
        assert one.fitness is not None
        first.setdefault(tuple(each.digest for each in one.fitness.behaviours), one)
    assert best == list(first.values())
    assert len(best) > 8


def test_the_run_goes_on_to_its_end(run: Run, told: Told) -> None:
    """One generation was asked for, and bred; every failure is counted, and what was refused is named."""
    assert (run.stop, len(run.generations)) == ("generations", 2)
    assert run.generations[1].born
    assert not any(parent.policy.refused for parent in _parents(run))
    assert "best: " in told.stdout
    assert told.stderr.count("refused: initial: ") == sum(one.policy.refused for one in run.individuals)
    assert "\x1b" not in told.stdout + told.stderr


def _parents(run: Run) -> list[Individual]:
    by_id = {one.id: one for one in run.individuals}
    return [by_id[parent] for one in run.individuals for parent in one.lineage.parents]


def test_nobody_outside_notices(told: Told, there: Place) -> None:
    """No file appeared or changed, nothing called, no process is left, and no key was told to anybody."""
    assert told.after == told.before
    assert told.calls == 0
    assert told.left == 0
    saved = b"".join(
        path.read_bytes() for path in (there.folder / "populations").rglob("*") if path.is_file()
    )
    assert KEY not in told.stdout + told.stderr
    assert KEY.encode() not in saved


def test_failures_are_data_of_bounded_size(run: Run) -> None:
    """Whatever a policy said, what is kept of it is short and commands no terminal."""
    for one in run.individuals:
        if isinstance(one.outcome, Failure):
            text = one.outcome.message + one.outcome.printed
            assert len(text) < 10_000, one.lineage.detail
            assert all(letter.isprintable() or letter == "\n" for letter in text), one.lineage.detail


def test_the_cage_holds_without_the_gate(uncaged: tuple[Told, dict[str, dict[str, Any]]]) -> None:
    """What the gate refuses does no harm where it runs: nobody outside notices either."""
    seen, _ = uncaged
    assert seen.after == seen.before
    assert seen.calls == 0
    assert seen.left == 0
    assert KEY not in seen.stdout + seen.stderr


def test_the_score_can_not_be_touched(uncaged: tuple[Told, dict[str, dict[str, Any]]]) -> None:
    """With the policy's own process at its mercy a policy scores what it would have scored honestly, or fails."""
    _, told = uncaged
    plain = told["vain--plain"]["score"]
    assert len(told) == sum(kind_of(path) == "forbidden" for path in FILES) + 1
    for name, line in told.items():
        assert line["kind"] != "scored" or line["score"] == plain, name


def test_a_run_of_bad_ones_only_ends_and_says_so(there: Place) -> None:
    """Where every policy fails the run goes on to its end, and its last word is that none has a fitness."""
    words = ("run", "--name", "bad", "--config", "config.toml", "--suite", "suite.toml", "--init", "bad")
    seen = watched(there, "-m", "evo", *words, "--generations", "1", "--workers", "2", "--seed", "7")
    assert seen.status == 0, seen.stderr
    bad = read_run(there.folder / "populations", "bad")
    assert bad.stop == "generations"
    assert bad.hall_of_fame() == []
    assert bad.generations[1].born
    assert f"No policy of 'bad' has a fitness: all {len(bad.individuals)} failed (" in seen.stdout
    assert seen.left == 0
