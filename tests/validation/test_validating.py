"""Validations with real parts: who starves, memorises or breaks is known; looks are recorded where they are due."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

import evo
from evo.birth import stock_policy
from evo.errors import InputError, RunError
from evo.metric import Metric
from evo.population import Failure, Fitness
from evo.runfolder import one_writer
from evo.shipped import BEST_KNOWN
from evo.validation.judging import Standing
from evo.validation.looks import looks
from evo.validation.perturbations import perturbations
from evo.validation.trying import disturbed, reads_estimates
from evo.validation.validating import Elsewhere, Step, Task, Validation, of_policy, of_saved, validated
from tests.test_replaying import outcome as replayed
from tests.validation.parted import HONEST, STARVER, greedy


def run(task: Task, *, plain: bool = True) -> Validation:
    """What comes of a validation; its steps rise to their total."""
    *steps, found = validated(replace(task, plain=plain))
    assert isinstance(found, Validation)
    counts = [(one.done, one.total) for one in steps if isinstance(one, Step)]
    assert counts == [(place, len(steps)) for place in range(len(steps))]
    return found


def file(folder: Path, source: str) -> Path:
    """A file with a policy in it."""
    path = folder / "own.py"
    path.write_text(source)
    return path


def own(folder: Path, source: str, parted: Path, metric: Metric = Metric.PENALIZED) -> Task:
    """A policy on the suite's test traces."""
    return of_policy(file(folder, source), Elsewhere(str(parted)), metric, 1)


@pytest.fixture(scope="module")
def honest(parted: Path, tmp_path_factory: pytest.TempPathFactory) -> Standing:
    """What comes of an honest policy."""
    return run(own(tmp_path_factory.mktemp("honest"), HONEST, parted)).judgement.standings[0]


@pytest.fixture(scope="module")
def looked(born: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Validation]]:
    """A copy of the folder of saved runs in which the run was validated twice, and what came of it."""
    runs = tmp_path_factory.mktemp("looked") / "runs"
    shutil.copytree(born, runs)
    return runs, [run(saved(runs)) for _ in range(2)]


@pytest.fixture
def mine(born: Path, tmp_path: Path) -> Path:
    """A copy of the folder of saved runs."""
    shutil.copytree(born, tmp_path / "runs")
    return tmp_path / "runs"


def saved(mine: Path, elsewhere: Elsewhere | None = None, workers: int = 1) -> Task:
    """All that the run has that isn't stock, on its sealed traces or elsewhere."""
    return of_saved(evo.load_run("mine", root=mine), elsewhere or Elsewhere(), 5, None, workers)


def names(found: Validation) -> list[str]:
    """Who was run."""
    return [one.entrant.name for one in found.judgement.standings]


def test_who_starves_a_class_is_told(parted: Path, honest: Standing, tmp_path: Path) -> None:
    """A policy that never serves interactive pipelines starves them and no others; an honest one starves nobody."""
    by_latency = run(own(tmp_path, STARVER, parted, Metric.LATENCY)).judgement.standings[0]
    assert [(one.name, one.completed) for one in by_latency.starved] == [("interactive", 0)]
    assert by_latency.starved[0].by_other > 0
    assert honest.starved == ()


def test_who_memorised_the_train_traces_is_told(
    parted: Path, memoriser: str, honest: Standing, tmp_path: Path
) -> None:
    """Who knows the train traces' arrivals loses more on others than a stock policy; who is honest doesn't."""
    found = run(own(tmp_path, memoriser, parted)).judgement
    known = found.standings[0].overfit
    assert known is not None
    assert known.overfits
    assert found.reference in {"naive", "priority"}
    assert honest.overfit is not None
    assert not honest.overfit.overfits


def test_a_saved_run(looked: tuple[Path, list[Validation]], parted: Path) -> None:
    """Its best without twins of stock policies, then these, on sealed traces; its memoriser is told by the run's own fitness."""
    mine, (found, _) = looked
    task = found.task
    assert names(found) == ["0", "naive", "overbook", "priority-pool", "priority"]
    assert [one.name for one in task.suite.traces] == [f"seed-{seed}" for seed in range(4, 8)]
    first = found.judgement.standings[0]
    assert first.entrant.train == evo.load_run("mine", root=mine).individuals[0].fitness
    assert first.overfit is not None
    assert first.overfit.overfits
    alone = run(of_policy(mine / "memoriser.py", Elsewhere(str(parted)), Metric.PENALIZED, 1))
    assert alone.judgement.standings[0].outcome == first.outcome


def test_every_look_is_recorded(looked: tuple[Path, list[Validation]]) -> None:
    """Each look at sealed traces is the next by number, with what it showed; a replay and a reader aren't disturbed."""
    mine, found = looked
    assert [one.look.look for one in found if one.look is not None] == [1, 2]
    one = looks(mine / "mine")[1].seen
    assert one.individuals == ("0",)
    assert one.medians["priority-pool"] is None
    outcome = found[0].judgement.standings[0].outcome
    assert isinstance(outcome, Fitness)
    assert one.medians["0"] == {Metric.PENALIZED: outcome.value}
    assert evo.load_run("mine", root=mine).individuals
    assert replayed(mine).difference is None


def test_a_look_is_recorded_before_it_is_shown(mine: Path) -> None:
    """Whoever stops before the end, with disturbances still to come, has had a look; before the last policy none."""
    events = validated(saved(mine))
    seen: list[int] = []
    for event in events:
        seen.append(len(looks(mine / "mine")))
        if isinstance(event, Step) and "arrivals" in event.words:
            break
    assert seen == [0] * 5 + [1]


def test_elsewhere_no_look_is_spent(mine: Path, parted: Path, tmp_path: Path) -> None:
    """Another suite or a trace of one's own is no look; the run's own suite by its path is one."""
    other = tmp_path / "other.toml"
    other.write_text(parted.read_text().replace("seed = 7", "seed = 8"))
    assert run(saved(mine, Elsewhere(str(other)))).look is None
    trace = next((mine / "mine" / "traces").glob("*.csv"))
    given = run(saved(mine, Elsewhere(traces=(str(trace),))))
    assert [one.name for one in given.task.suite.traces] == [trace.stem]
    assert looks(mine / "mine") == []
    assert run(saved(mine, Elsewhere(str(mine / "mine" / "suite.toml")))).look is not None


def test_any_number_of_workers(mine: Path, looked: tuple[Path, list[Validation]]) -> None:
    """Two workers find what one finds, disturbed or not."""
    tasks = [saved(mine, workers=count) for count in (1, 2)]
    assert run(tasks[1]).judgement == looked[1][0].judgement
    pair = (tasks[0].entrants[0].policy, stock_policy(BEST_KNOWN))
    first = next(perturbations(tasks[0].suite, estimates=False))
    left, right = (next(disturbed(pair, [first], Metric.PENALIZED, task.means)) for task in tasks)
    assert (left.outcome, left.other) == (right.outcome, right.other)
    assert isinstance(left.outcome, Fitness)


def test_where_it_breaks(parted: Path, tmp_path: Path) -> None:
    """Who counts on one pool fails where there are two, and nowhere else; who reads estimates meets noise in them."""
    source = greedy(
        "assert len(s.executor.pools) == 1\n"
        "known = [op.estimate.mem_peak_gb or 0 for one in pipelines for op in one.values]\n"
        "pipelines = pipelines if all(peak < 60 for peak in known) else []"
    ).replace("one.values", "one.runtime_status().get_ops(ASSIGNABLE_STATES)")
    task = own(tmp_path, source, parted)
    pair = (task.entrants[0].policy, stock_policy(BEST_KNOWN))
    assert any(map(reads_estimates, pair))
    wanted = (
        "half the CPUs",
        "twice the pools, each half the size",
        "exact estimates",
        "estimates with noise 1",
    )
    chosen = [one for one in perturbations(task.suite, estimates=True) if one.name in wanted]
    fine, pools, exact, noisy = (one.outcome for one in disturbed(pair, chosen, Metric.PENALIZED, task.means))
    assert isinstance(pools, Failure)
    assert isinstance(fine, Fitness)
    assert isinstance(exact, Fitness)
    assert noisy != exact


def test_what_is_told_of_each(parted: Path, tmp_path: Path) -> None:
    """A stock policy is no better than itself and has no differences from it; failures have no numbers."""
    found = run(own(tmp_path, HONEST, parted, Metric.LATENCY)).judgement
    by_name: dict[str, Standing] = {one.entrant.name: one for one in found.standings}
    assert isinstance(by_name["overbook"].outcome, Failure) or by_name["overbook"].medians
    assert isinstance(by_name["priority-pool"].outcome, Failure)
    assert by_name["priority-pool"].medians == {}
    assert "naive" not in by_name["naive"].against
    first = by_name["own"]
    assert {"naive", "priority", found.best_stock} == set(first.against)
    assert first.optimality is not None
    assert first.optimality >= 1
    assert first.ooms is not None
    assert first.cpu is not None
    assert 0 <= first.cpu.needless + first.cpu.lost <= 1
    assert {Metric.LATENCY, Metric.QUERY_P99} <= set(first.medians)


def test_without_test_traces_there_is_a_mend(mine: Path, tiny: Path, tmp_path: Path) -> None:
    """A suite that has none, a run's or any other, and a run that is still written are one clear error each."""
    with pytest.raises(
        InputError, match=r"no test traces; add some under \[\[test\]\], or .* --trace FILE.csv"
    ):
        own(tmp_path, HONEST, tiny)
    config = msgspec.structs.replace(evo.load_run("mine", root=mine).config, suite=str(tiny))
    for _ in evo.evolve(config, name="bare", root=mine, workers=1):
        pass
    with pytest.raises(
        InputError, match=r"run 'bare': its suite has no test traces; .* --suite quick or --trace"
    ):
        of_saved(evo.load_run("bare", root=mine), Elsewhere(), 5, None, 1)
    with one_writer(mine / "mine"), pytest.raises(RunError, match="in use; wait for the run to end"):
        saved(mine)
