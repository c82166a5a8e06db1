"""The runs of a bench: real ones, equal to those made alone, that survive interruption and are taken for no others."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import evo
from evo.answers import Answers
from evo.bench.competing import Bench, Course, Entry, Finished, entries
from evo.bench.rows import Row, chosen
from evo.errors import InputError, RunError
from evo.evolution import Born
from evo.saved import read_run
from tests.consulted import Neighbour
from tests.llm.server import Say, Server

SMALL = {"population": 4, "children": 4, "tournament": 2, "init": ["naive", "overbook"]}
ROWS = (Row("default", {}, "as it is"), Row("lone", {"strategy": "independent"}, "best of N"))


def planned(tiny: Path, folder: Path, rows: tuple[Row, ...] = ROWS, **given: Any) -> Bench:
    """A bench of a few seconds: two rows, two seeds, ten evaluations."""
    made = entries(rows, None, {**SMALL, "suite": str(tiny), **given}, 10)
    return Bench(folder, made, seeds=2, workers=1)


def contents(root: Path) -> Mapping[str, bytes]:
    """Every file under a folder by its path, but for locks."""
    files = (path for path in sorted(root.rglob("*")) if path.is_file() and path.name != "lock")
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def whole(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Course | Finished]]:
    """The folder of a bench that nobody interrupted, and what happened in it."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, list(planned(tiny, folder).go_on({}))


def finished(steps: list[Course | Finished]) -> list[Finished]:
    """The runs that came to their end."""
    return [step for step in steps if isinstance(step, Finished)]


def test_each_row_with_each_seed(whole: tuple[Path, list[Course | Finished]]) -> None:
    """Every row has a run of exactly so many evaluations for every seed, seed by seed, whose best only gets better."""
    folder, steps = whole
    runs = finished(steps)
    assert [run.name for run in runs] == ["default-1", "lone-1", "default-2", "lone-2"]
    for run in runs:
        saved = read_run(folder, run.name)
        assert (saved.config.seed, saved.stop, len(saved.individuals)) == (run.seed, "evaluations", 10)
        best = saved.hall_of_fame(1)[0].fitness
        assert best is not None
        assert (len(run.trail), run.trail[-1]) == (10, best.value)
        assert run.failures == sum(one.fitness is None for one in saved.individuals)
    assert sum(isinstance(step, Course) and isinstance(step.event, Born) for step in steps) == 40


def test_what_is_shared_changes_no_run(
    tiny: Path, whole: tuple[Path, list[Course | Finished]], tmp_path: Path
) -> None:
    """A run of the bench is, to the byte, the run that `evo run` makes with the same configuration by itself."""
    folder, _ = whole
    config = read_run(folder, "lone-2").config
    assert (config.strategy, config.evaluations, config.seed) == ("independent", 10, 2)
    for _ in evo.evolve(config, name="lone-2", root=tmp_path, workers=2):
        pass
    assert contents(tmp_path / "lone-2") == contents(folder / "lone-2")


def test_interrupted_it_goes_on(
    tiny: Path, whole: tuple[Path, list[Course | Finished]], tmp_path: Path
) -> None:
    """Left in the middle of a run, twice, a bench ends with the same bytes and does nothing twice."""
    folder, steps = whole
    seen: list[Course | Finished] = []
    for most in (5, 17, None):
        bench = planned(tiny, tmp_path)
        with closing(bench.go_on(bench.saved())) as going:
            seen += itertools.islice(going, most)
    assert contents(tmp_path) == contents(folder)
    assert finished(seen)[-4:] == finished(steps)
    born = [(step.name, step.event) for step in seen if isinstance(step, Course)]
    assert len(born) == len({(name, str(event)) for name, event in born})


def test_finished_runs_are_only_read(tiny: Path, whole: tuple[Path, list[Course | Finished]]) -> None:
    """Asked again, a bench yields what it has, and writes nothing; a further seed would only add its runs."""
    folder, steps = whole
    bench = planned(tiny, folder)
    before = contents(folder)
    saved = bench.saved()
    assert len(saved) == 4
    assert list(bench.go_on(saved)) == finished(steps)
    assert contents(folder) == before


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"population": 5}, "default-1: it was begun with population = 4, and now there is population = 5"),
        ({"target": 1.0}, "begun with nothing of the kind, and now there is target = 1.0"),
    ],
)
def test_other_runs_are_refused(
    tiny: Path, whole: tuple[Path, list[Course | Finished]], given: dict[str, Any], message: str
) -> None:
    """A saved run with other settings is never taken for this one: the error says which differ, and the mend."""
    with pytest.raises(RunError) as caught:
        planned(tiny, whole[0], **given).saved()
    assert message in str(caught.value)
    assert "delete that folder to have it run anew, or give another --folder" in str(caught.value)


def test_other_traces_are_refused(tiny: Path, tmp_path: Path) -> None:
    """When the suite's file says something else than it did, what was scored before can't be compared."""
    own = tmp_path / "suite.toml"
    lines = tiny.read_text().splitlines(keepends=True)
    own.write_text("".join(line for line in lines if "own.csv" not in line).replace("[[trace]]\n", "", 1))
    bench = planned(own, tmp_path / "runs")
    with closing(bench.go_on({})) as going:
        next(going)
    own.write_text(own.read_text().replace("seed = 6", "seed = 7"))
    with pytest.raises(RunError, match=r"default-1: its suite\.toml was another"):
        bench.saved()


def test_without_a_fitness_there_is_nothing_to_compare(tiny: Path, tmp_path: Path) -> None:
    """A run in which every policy failed is named as the reason why there is no table."""
    (tmp_path / "bad.py").write_text("def (:\n")
    bench = planned(tiny, tmp_path / "runs", init=[str(tmp_path / "bad.py")])
    with pytest.raises(RunError, match=r"default-1: none of its policies has a fitness"):
        list(bench.go_on({}))


def test_models_are_asked_for_what_is_needed_only(tiny: Path, tmp_path: Path) -> None:
    """With models every row asks them, the conversation too; each answer has its place in a run of so many evaluations."""

    def moody(number: int, body: dict[str, Any]) -> Say:
        """Another neighbour each time, also where the question is the same."""
        turn = {"role": "user", "content": str(number)}
        return Neighbour()(number, {"messages": [*body["messages"], turn]})

    with Server(moody) as server:
        rows = chosen(["all-asked"], asking=True)
        given = {"models": [f"{server.v1}#m"], "model_share": 0.5, "init": ["priority"]}
        bench = planned(tiny, tmp_path, rows, **given)
        with closing(bench.go_on({})) as going:
            runs = list(itertools.islice((step for step in going if isinstance(step, Finished)), 4))
        asked = len(server.requests)
    assert [run.name for run in runs] == ["default-1", "independent-1", "chat-1", "all-asked-1"]
    assert [run.evaluations for run in runs] == [10] * 4
    saved = [read_run(tmp_path, run.name) for run in runs]
    answers = [one for run in saved for one in Answers(run.folder).all()]
    made = sum(bool(one.lineage.model) for run in saved for one in run.individuals)
    assert 0 < made <= asked == len(answers)
    for run in saved[1:]:
        assert all(one.lineage.model for one in run.individuals[1:])
        assert max(one.number for one in Answers(run.folder).all()) == run.individuals[-1].number


def test_a_row_that_cant_be_is_named(tiny: Path) -> None:
    """What is wrong with a row's settings is said with its name; what is wrong for all isn't."""
    (_, _, row) = chosen(["odd: population=1"], asking=False)
    with pytest.raises(InputError, match=r"^row 'odd': population must be between 2"):
        entries((row,), None, {"suite": str(tiny)}, 10)
    with pytest.raises(InputError, match=r"^population must be between 2"):
        entries((row,), None, {"population": 0}, 10)


def test_a_row_may_be_longer(tiny: Path) -> None:
    """A row's own evaluations count more than those of all, and its generations are enough for them."""
    rows = (ROWS[0], Row("long", {"evaluations": 50}, "longer"))
    made: tuple[Entry, ...] = entries(rows, None, {**SMALL, "suite": str(tiny)}, 10)
    assert [entry.evaluations for entry in made] == [10, 50]
    assert made[1].config.generations * made[1].config.children >= 500


def test_a_bench_pays_for_no_selection(tiny: Path, tmp_path: Path) -> None:
    """Rows are compared by what they were bred for, so their runs have neither selection nor test traces."""
    (tmp_path / "own.csv").write_bytes((tiny.parent / "own.csv").read_bytes())
    suite = tmp_path / "parted.toml"
    suite.write_text(tiny.read_text() + "[[selection]]\nseed = 7\n[[test]]\nseed = 8\n")
    steps = list(planned(suite, tmp_path / "bench", ROWS[1:]).go_on({}))
    for run in finished(steps):
        assert not read_run(tmp_path / "bench", run.name).selections
        assert len(list((tmp_path / "bench" / run.name / "traces").iterdir())) == 2
