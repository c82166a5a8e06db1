"""The four public functions, with all real parts: policies in cages, real variations, real kills."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

import evo
from evo import shipped
from evo.config import RunConfig
from evo.errors import InputError, RunError
from evo.evolution import Born
from evo.population import Failure, Fitness
from evo.records import Generation

pytestmark = pytest.mark.all_cores


def config(suite: Path) -> RunConfig:
    """A run of a few seconds."""
    return RunConfig(
        suite=str(suite), seed=2, generations=2, population=5, children=5, init=("naive", "overbook")
    )


def contents(root: Path) -> dict[str, bytes]:
    """Every file under a folder by its path."""
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def whole(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of saved runs with one uninterrupted run, by one worker."""
    root = tmp_path_factory.mktemp("whole")
    for _ in evo.evolve(config(tiny), name="mine", root=root, workers=1):
        pass
    return root


def test_a_run_from_birth_to_end(whole: Path) -> None:
    """A run ends with its generations complete, individuals scored on all traces, and a hall of fame."""
    run = evo.load_run("mine", root=whole)
    assert run.stop == "generations"
    assert [generation.number for generation in run.generations] == [0, 1, 2]
    best = run.hall_of_fame(1)[0]
    assert best.fitness is not None
    assert [score.trace for score in best.fitness.per_trace] == ["own", "seed-6"]
    assert all(one.outcome for one in run.individuals)
    assert len(run.individuals) + sum(each.echoes for each in run.generations) > 8


def test_workers_change_nothing(tiny: Path, whole: Path, tmp_path: Path) -> None:
    """Three workers give the same bytes as one."""
    events = list(evo.evolve(config(tiny), name="mine", root=tmp_path, workers=3))
    assert contents(tmp_path) == contents(whole)
    assert {type(event) for event in events} == {Born, Generation}


def test_a_run_needs_nothing_outside_its_folder(tiny: Path, whole: Path, tmp_path: Path) -> None:
    """Interrupted, and with the files that it was born from gone, a run goes on to the same end."""
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(tiny.parent, elsewhere / "suite")
    own = config(elsewhere / "suite" / tiny.name)
    with closing(evo.evolve(own, name="mine", root=tmp_path / "runs")) as events:
        begun = list(itertools.islice(events, 4))
    shutil.rmtree(elsewhere)
    later = list(evo.resume("mine", root=tmp_path / "runs"))
    assert len(begun) == 4
    assert later
    ours, theirs = (evo.load_run("mine", root=root) for root in (tmp_path / "runs", whole))
    assert ours.individuals == theirs.individuals
    assert ours.generations == theirs.generations


KILLED = """
import sys
import evo
from evo.journal import list_runs
from pathlib import Path
from tests.test_public_api import config
root = Path(sys.argv[1])
if __name__ == "__main__":
    if list_runs(root):
        events = evo.resume("mine", root=root, workers=2)
    else:
        events = evo.evolve(config(Path(sys.argv[2])), name="mine", root=root, workers=2)
    for event in events:
        print(event, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_killed_and_resumed(tiny: Path, whole: Path, tmp_path: Path) -> None:
    """A real run killed by SIGKILL after each few events comes to the same bytes as one left alone."""
    script = tmp_path / "script.py"
    script.write_text(KILLED)
    root = tmp_path / "runs"
    for after in (0, 4, 100):
        with subprocess.Popen(
            [sys.executable, str(script), str(root), str(tiny)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[1],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        ) as process:
            assert process.stdout
            for _ in range(after):
                if not process.stdout.readline():
                    break
            else:
                time.sleep(0.02 * after)
                process.send_signal(signal.SIGKILL)
    assert contents(root) == contents(whole)


def test_more_generations(whole: Path, tmp_path: Path) -> None:
    """A run that has ended goes on when more is asked for."""
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    assert list(evo.resume("mine", root=tmp_path)) == []
    events = [one for one in evo.resume("mine", more=1, root=tmp_path) if isinstance(one, Generation)]
    assert [(event.number, event.stop) for event in events] == [(3, "generations")]
    with pytest.raises(InputError, match="must be 0 or more"):
        next(evo.resume("mine", more=-1, root=tmp_path))


def test_names_are_given_and_taken(tiny: Path, whole: Path, tmp_path: Path) -> None:
    """A run without a name is numbered; a taken name and an unknown one are refused."""
    with closing(evo.evolve(config(tiny), root=tmp_path)) as events:
        next(events)
    assert evo.load_run("run-1", root=tmp_path).stop is None
    with pytest.raises(RunError, match="exists already"):
        next(evo.evolve(config(tiny), name="mine", root=whole))
    with pytest.raises(RunError, match="no run 'other'"):
        next(evo.resume("other", root=whole))


def test_one_policy_alone(tiny: Path, whole: Path) -> None:
    """A policy evaluated alone, by name, file or text, has the fitness that it has in a run."""
    in_run = evo.load_run("mine", root=whole).individuals[0].outcome
    path = shipped.stock_policies()["naive"]
    assert isinstance(in_run, Fitness)
    for policy in ("naive", path, path.read_text()):
        assert evo.evaluate(policy, suite=tiny, metric=in_run.metric, workers=1) == in_run
    throughput = evo.evaluate("naive", suite=tiny, metric="throughput", workers=1)
    assert isinstance(throughput, Fitness)
    assert throughput.value != in_run.value
    both = evo.evaluate("naive", suite=tiny, metric=("throughput", in_run.metric.value), workers=1)
    assert isinstance(both, Fitness)
    assert tuple(both.values.values()) == (throughput.value, in_run.value)
    refused = evo.evaluate("priority-pool", suite=tiny, workers=1)
    assert isinstance(refused, Failure)
    with pytest.raises(InputError, match="metric must be one of"):
        evo.evaluate("naive", suite=tiny, metric="speed")
