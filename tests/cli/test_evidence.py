"""The evidence on top of an exported policy: it names run and ancestors, and its command makes the same run again."""

from __future__ import annotations

import shlex
from dataclasses import replace
from importlib import metadata
from pathlib import Path

from msgspec.structs import replace as replace_in

import evo as library
from evo.cli.evidence import again, ancestors, evidence
from evo.metric import Metric
from evo.saved import read_run
from evo.validation.looks import Seen, record
from tests.cli.conftest import Evo
from tests.cli.family import BOTH, NAME, found
from tests.test_replaying import small_run
from tests.test_spending import saved


def test_a_family(root: Path) -> None:
    """From the individual back to its founder by first parents, with the score on every trace."""
    found(root)
    run = read_run(root, NAME)
    assert [one.id for one in ancestors(run, run.individual("5"))] == ["5", "3", "2", "1"]
    lines = list(evidence(run, run.individual("5")))
    assert lines[0] == f"run:     smiths, seed 1, evo {metadata.version('evo-policies')}, simulator evo-1"
    assert max(len(line) for line in lines) <= 110
    assert lines[lines.index("latency: 60.000 s") - 2 :] == [
        "lineage: 5 mutation of 3; 3 crossover of 2 and 0; 2 mutation of 1; 1 initial older",
        f"suite:   quick, digest {'0' * 64}",
        "latency: 60.000 s",
        "  a     59.000  query 1/2, interactive 3/4, batch 5/6",
        "  b     61.000  query 1/2, interactive 3/4, batch 5/6",
        "check:   evo verify smiths, where that run is saved",
        f"again:   {again(run)}",
    ]
    assert again(run) == "evo run --metric latency --suite quick --seed 1 --generations 2 --set population=2"
    later = replace(run, header=replace_in(run.header, evo="9"))
    assert again(later) == "evo replay smiths"


def test_how_far_it_is_from_the_bound(root: Path) -> None:
    """Below what it reached stands what no scheduler betters; who failed has no such line."""
    found(root, bounds=(40.0,))
    run = read_run(root, NAME)
    lines = list(evidence(run, run.individual("5")))
    place = lines.index("latency: 60.000 s")
    assert lines[place + 1] == "bound:   missed by 1.50x: no scheduler betters 40.000 s on these traces"
    assert not any(line.startswith("bound") for line in evidence(run, run.individual("4")))


def test_several_metrics_and_a_failure(root: Path) -> None:
    """Each metric has a line and a column; who failed has the reason instead."""
    found(root, config=BOTH)
    run = read_run(root, NAME)
    lines = list(evidence(run, run.individual("5")))
    assert "throughput: 6.0000 containers/s" in lines
    assert "  a     59.000     6.0000  query 1/2, interactive 3/4, batch 5/6" in lines
    failed = list(evidence(run, run.individual("4")))
    assert any(line.startswith("latency: failed: exception: ValueError") for line in failed)
    assert not any(line.startswith("  a") for line in failed)


def test_what_it_came_to_elsewhere(root: Path) -> None:
    """On selection traces there is a score by trace as well, or a failure, and the gap; the reference is called that."""
    found(root, selections={5: 66.0, 1: 91.0, 3: None})
    run = read_run(root, NAME)
    lines = list(evidence(run, run.individual("5")))
    place = lines.index("selection: 66.000 s")
    assert lines[place + 1].startswith("  a     65.000  query 1/2")
    assert lines[place + 3].startswith("overfit: +")
    assert "overfit: reference" in evidence(run, run.individual("1"))
    failed = list(evidence(run, run.individual("3")))
    assert any(line.startswith("selection: failed: timeout: 60 s") for line in failed)
    assert not any(line.startswith("selection") for line in evidence(run, run.individual("2")))


def test_what_looks_at_the_test_traces_found(root: Path) -> None:
    """Each result that was seen is told once, beside the stock policies' and its bound; how often anybody looked is, too."""
    found(root)
    run = read_run(root, NAME)
    header = run.header
    medians = {"5": {Metric.LATENCY: 66.0}, "3": None, "naive": {Metric.LATENCY: 97.0}, "overbook": None}
    seen = Seen(("5", "3"), "0" * 64, header.evo, header.simulator, medians, 44.0)
    for each in (seen, seen, replace_in(seen, medians={"3": None}), replace_in(seen, evo="9", bound=None)):
        record(run.folder, each)
    lines = list(evidence(run, run.individual("5")))
    place = lines.index("test:    66.000 s (missing its bound by 1.50x); naive 97.000 s, overbook failed")
    assert lines[place + 1 : place + 3] == [
        f"test:    66.000 s; naive 97.000 s, overbook failed; by evo 9, simulator {header.simulator}",
        "looks:   4 at the sealed test traces, 3 of them at this policy",
    ]
    failed = list(evidence(run, run.individual("3")))
    assert "test:    failed; naive 97.000 s, overbook failed" in failed
    assert "test:    failed" in failed
    assert not any(line.startswith(("test", "looks")) for line in evidence(run, run.individual("2")))


def test_models_answer_once(root: Path) -> None:
    """What models answered is in the run's folder alone, so there it is replayed."""
    assert again(saved(root)) == f"evo replay {NAME}"


def test_the_command_makes_the_same_run(evo: Evo, tiny: Path, root: Path) -> None:
    """Typed again, it ends with the same policies and scores; of a run that was extended, too."""
    small_run(tiny, root)
    for _ in library.resume("mine", more=1, root=root, workers=1):
        pass
    first = library.load_run("mine", root=root)
    command = shlex.split(again(first))
    assert command[:2] == ["evo", "run"]
    called = evo(*command[1:], "--name", "twin", "--workers", "1")
    assert called.exit_code == 0, called.output
    assert library.load_run("twin", root=root).individuals == first.individuals
