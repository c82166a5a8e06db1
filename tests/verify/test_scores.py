"""Every score is made once more: what was edited by hand is found and named, and what wasn't is the same anywhere."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import evo
from evo.cli.bar import followed
from evo.errors import InputError, RunError
from evo.population import Fitness
from evo.rescoring import suite_for
from evo.simulator import SIMULATOR_VERSION
from evo.verify.records import read
from evo.verify.scores import Verified, claims, sampled, verified
from tests.test_finals import parted
from tests.test_replaying import small_run
from tests.verify.spoiling import Saved, edit, numbered

__all__ = ["parted"]


def outcome(root: Path, name: str = "mine", workers: int = 1) -> Verified:
    """What verifying a run comes to."""
    steps = list[tuple[int, int]]()
    result = followed(verified(root, name, workers), steps.append)
    assert [done for done, _ in steps] == [*range(1, len(steps) + 1)]
    return result


def found(outcome: Verified) -> set[tuple[str, int, str | None, str]]:
    """Where something differs."""
    return {(one.subject, one.number, one.trace, one.what) for one in outcome.differences}


def reached(root: Path, number: int) -> Fitness:
    """The fitness that an individual has in the run."""
    fitness = evo.load_run("mine", root=root).individual(str(number)).fitness
    assert fitness is not None
    return fitness


def test_it_is_the_same_elsewhere(root: Path) -> None:
    """A run that was moved, renamed and is scored by another number of workers is the same, and isn't touched."""
    shutil.move(root / "mine", root / "yours")
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    result = outcome(root, "yours", workers=2)
    assert result.differences == ()
    assert result.judged == result.individuals == len(evo.load_run("yours", root=root).individuals)
    assert (result.moods, result.reworded) == (0, 0)
    assert before == {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_edited_scores_are_found(root: Path) -> None:
    """A winner made by hand, the last bit of a value, a completion more, a failure elsewhere: each is named, and no other."""
    true = reached(root, 4).value

    def better(one: Saved) -> None:
        score = one["fitness"]["per_trace"][1]
        score["value"] *= 1 + 2**-52
        score["query"][0] += 1

    edit(root, numbered(4), lambda one: one["fitness"].update(value=0.001))
    edit(root, numbered(5), better)
    edit(root, numbered(1), lambda one: one["failure"].update(tick=3, message="elsewhere"))
    result = outcome(root)
    trace = reached(root, 5).per_trace[1].trace
    assert {one for one in found(result) if one[0] == "individual"} == {
        ("individual", 4, None, "latency"),
        ("individual", 5, trace, "latency"),
        ("individual", 5, trace, "query (completed, arrived)"),
        ("individual", 1, "own", "tick"),
    }
    assert ("generation", 1, None, "survivors") in found(result)
    told = next(one for one in result.differences if (one.subject, one.number) == ("individual", 4))
    assert (told.saved, told.now) == (0.001, true)
    assert result.reworded == 1


def test_an_edited_bound_is_found(root: Path) -> None:
    """Whoever would seem nearer to the best there is is named; a last bit, and what another evo knew, is not judged."""
    (true,) = evo.load_run("mine", root=root).header.bounds
    assert true is not None

    def header(**changes: object) -> set[tuple[str, int, str | None, str]]:
        edit(root, lambda one: one["record"] == "born", lambda one: one.update(changes))
        return found(outcome(root))

    assert header(bounds=[true * (1 + 2**-52)]) == set()
    assert header(bounds=[1.25 * true]) == {("bound", 0, None, "at best")}
    (told,) = outcome(root).differences
    assert (told.saved, told.now) == (1.25 * true, true)
    assert header(bounds=[None]) == {("bound", 0, None, "at best")}
    assert header(bounds=[true, 1.0]) == {("bound", 1, None, "at best")}
    assert header(simulator="evo-0") == set()
    assert header(simulator=SIMULATOR_VERSION, bounds=[]) == set()


def test_what_rests_on_less(root: Path) -> None:
    """Who was stopped early is held to the traces there are; a mood isn't judged; a changed source or lost trace is told."""

    def stop(one: Saved) -> None:
        fitness = one.pop("fitness")
        one["partial"] = {"metric": "latency", "at_best": 80.0, "hurdle": 70.0, "left": 1}
        one["partial"]["per_trace"] = fitness["per_trace"][1:]

    edit(root, numbered(4), stop)
    edit(root, numbered(1), lambda one: one["failure"].update(repeats=False, message="too slow"))
    edit(root, numbered(2), lambda one: one["fitness"]["per_trace"].pop())
    with (root / "mine" / "policies" / "5.py").open("a") as source:
        source.write("# a better one\n")
    result = outcome(root)
    assert (result.individuals, result.judged, result.moods) == (5, 3, 1)
    assert {one for one in found(result) if one[0] == "individual"} == {
        ("individual", 2, None, "traces"),
        ("individual", 5, None, "digest of policies/5.py"),
    }
    edit(root, numbered(4), lambda one: one["partial"]["per_trace"][0].update(value=1.0))
    assert ("individual", 4, "seed-6", "latency") in found(outcome(root))


def test_some_of_all(root: Path) -> None:
    """A sample has the best in it, and the others spread over the run, each once and in order."""
    reading = read(root, "mine")
    everything = list(claims(reading, suite_for(reading.run, None)))
    best = [one.number for one in reading.run.hall_of_fame()]
    for size in range(1, 7):
        numbers = [one.number for one in sampled(reading.run, everything, size)]
        assert len(numbers) == min(size, 5)
        assert numbers == sorted(set(numbers))
        assert set(best[: (size + 1) // 2]) <= set(numbers)
    assert sampled(reading.run, everything, None) == everything


def test_what_can_not_be_verified(root: Path) -> None:
    """A run whose traces or configuration were changed, or that isn't there, is an error that says so."""
    with pytest.raises(InputError, match="at least 1 worker"):
        outcome(root, workers=0)
    with pytest.raises(RunError, match="no run 'yours'"):
        outcome(root, "yours")
    suite = root / "mine" / "suite.toml"
    suite.write_text(suite.read_text().replace("= 20", "= 21"))
    with pytest.raises(RunError, match="changed since the run began"):
        outcome(root)


def test_scores_on_selection_traces_are_judged_too(parted: Path, tmp_path: Path) -> None:
    """Who comes first in the hall of fame by an edited score on a selection trace is named, with that trace."""
    small_run(parted, tmp_path)
    run = evo.load_run("mine", root=tmp_path)
    first = outcome(tmp_path)
    assert first.differences == ()
    assert first.judged == len(run.individuals) + len(run.selections)
    number = next(iter(run.selections))

    def best(one: Saved) -> None:
        one["fitness"]["value"] = one["fitness"]["per_trace"][0]["value"] = 0.5

    edit(tmp_path, lambda one: one["record"] == "selected" and one["number"] == number, best)
    assert evo.load_run("mine", root=tmp_path).hall_of_fame()[0].number == number
    assert found(outcome(tmp_path)) == {
        ("selection", number, "elsewhere", "latency"),
        ("selection", number, None, "latency"),
    }
