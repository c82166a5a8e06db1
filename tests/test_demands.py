"""What is asked of children: nothing new is run no further, whenever the run is left and however many are asked for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from evo.behaviour import Behaviour
from evo.breeding import Offline
from evo.config import RunConfig
from evo.demands import Demands
from evo.evaluation.metrics import Measurement
from evo.evaluation.stages import Candidate, Stages, Verdict
from evo.evaluation.trial import Trial
from evo.evolution import evolve
from evo.journal import Journal, Run, read_run
from evo.metric import Metric
from evo.population import Fitness, Individual, Population
from tests.test_evolution import VARIATIONS, Distance, begin, contents


class Rough(Distance):
    """Scores a number by its distance from ten on two traces; what comes of it is decided by its whole part alone."""

    ran = 0

    def stream(self, candidates: Iterable[Candidate | None]) -> Iterator[Verdict | None]:
        """The outcome of each, in order; no trace is run that needn't be."""
        for candidate in candidates:
            yield None if candidate is None else self._outcome(candidate)

    def _outcome(self, candidate: Candidate) -> Verdict:
        demand = candidate.demand
        stages = None
        if demand is not None:
            stages = Stages(demand, tuple("ab".index(name) for name in demand.order), (0.0, 0.0))
        trial = Trial(candidate.policy, Metric.LATENCY, "ab", [None, None], stages)
        whole = int(float(candidate.policy.source.removeprefix("x = ")))
        seen = Behaviour(f"did {whole}", 0.0, 0.0, 0.5, 0.5, (0.1, 0.2, 0.3))
        while (place := trial.wanted) is not None:
            self.ran += 1
            away = {Metric.LATENCY: 1.0 + abs(whole - 10)}
            trial.record(place, Measurement(away, (1, 1), (1, 1), (1, 1), None, seen))
        assert trial.outcome is not None
        return trial.outcome


def lived(root: Path, config: RunConfig, step: int | None = None) -> tuple[Run, int]:
    """A whole run, left after every so many events; how many traces were run."""
    begin(root, config).close()
    ran = 0
    while read_run(root, "run").stop is None:
        with Journal.open(root, "run") as journal:
            scorer = Rough()
            for number, _ in enumerate(evolve(journal, scorer, Offline(config, VARIATIONS))):
                if number == step:
                    break
            ran += scorer.ran
    return read_run(root, "run"), ran


CONFIG = RunConfig(seed=1, generations=6, population=4, children=6, tournament=2, stages=False)


def digest(one: Individual) -> str:
    """What came of it."""
    assert isinstance(one.outcome, Fitness)
    return one.outcome.behaviours[0].digest


def test_what_is_known_is_not_born(tmp_path: Path) -> None:
    """Whoever is born does what nobody did in an earlier generation; the others ran on one trace, and are counted."""
    run, ran = lived(tmp_path, CONFIG)
    known: set[str] = set()
    for generation in run.generations:
        born = {digest(one) for one in generation.born if one.lineage.variation != "initial"}
        assert generation.number == 0 or not born & known
        known |= {digest(one) for one in generation.born}
    echoes = sum(generation.echoes for generation in run.generations)
    assert echoes > 3
    assert ran == 2 * len(run.individuals) + echoes
    plain, more = lived(tmp_path / "plain", replace(CONFIG, novelty=False))
    assert more == 2 * len(plain.individuals)
    assert not any(generation.echoes for generation in plain.generations)


@pytest.mark.parametrize("overlap", [0, 1])
def test_a_run_with_echoes_goes_on_where_it_stood(tmp_path: Path, overlap: int) -> None:
    """Left after every third event it comes to the same bytes: what was an echo is known as one."""
    config = replace(CONFIG, overlap=overlap)
    run, _ = lived(tmp_path / "whole", config)
    assert any(generation.echoes for generation in run.generations)
    lived(tmp_path / "cut", config, step=3)
    assert contents(tmp_path / "cut") == contents(tmp_path / "whole")


def test_echoes_are_no_evaluations(tmp_path: Path) -> None:
    """As many are born as evaluations were asked for, however many echoes there are among their siblings."""
    run, _ = lived(tmp_path, replace(CONFIG, generations=100, evaluations=13))
    assert (len(run.individuals), run.stop) == (13, "evaluations")
    assert any(generation.echoes for generation in run.generations)


def test_who_is_asked_nothing(tmp_path: Path) -> None:
    """Best of N and conversations are as they are; nothing is asked where nobody has a fitness yet."""
    run, _ = lived(tmp_path, CONFIG)
    with Journal.open(tmp_path, "run") as journal:
        last = run.generations[-1].population
        assert Demands(CONFIG, journal.state).of(6, last) is not None
        independent = replace(CONFIG, strategy="independent")
        assert Demands(independent, journal.state).of(6, last) is None
        assert Demands(CONFIG, journal.state).of(6, Population(6, ())) is None


def test_a_search_that_finds_nothing_better_explores(tmp_path: Path) -> None:
    """After 24 children without a new best, until there is one, anybody who lives may be a parent."""
    run, _ = lived(tmp_path, replace(CONFIG, generations=14))
    best, since = math.inf, 0
    for generation in run.generations:
        value = min(
            (one.fitness.value for one in generation.born if one.fitness is not None), default=math.inf
        )
        since = 0 if value < best else since + 1
        best = min(best, value)
        assert generation.explores is (since * CONFIG.children >= 24)
    assert {generation.explores for generation in run.generations} == {True, False}
    same, _ = lived(tmp_path / "plain", replace(CONFIG, generations=14, adaptation=False))
    assert not any(generation.explores for generation in same.generations)
