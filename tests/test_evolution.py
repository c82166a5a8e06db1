"""The search as a whole: what it finds, that it repeats to the byte, and that no interruption changes anything.

The policies here are one number each, so that a run takes no time; the parts that search, save and go on are the
real ones.
"""

from __future__ import annotations

import itertools
import json
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo.breeding import DRAWS, Offline, Variations
from evo.config import RunConfig
from evo.evaluation.stages import Candidate, Verdict
from evo.evolution import Born, Event
from evo.evolution import evolve as evolve_with
from evo.fame import hall_of_fame, pareto_front
from evo.journal import Journal, Kit, read_run
from evo.metric import Metric
from evo.population import (
    Failure,
    FailureKind,
    Fitness,
    Founder,
    Individual,
    Lineage,
    Policy,
    Reached,
    TraceScore,
)
from evo.records import Generation
from evo.variation import Barren, Proposal

CONFIG = RunConfig(seed=3, generations=4, population=5, children=6, tournament=2)


def evolve(
    journal: Journal, scorer: Distance, variations: Variations | None = None
) -> Generator[Event, None, None]:
    """The search by these variations."""
    return evolve_with(journal, scorer, Offline(journal.config, variations or VARIATIONS))


def number(value: float) -> Policy:
    """The policy that is this number."""
    return Policy(f"x = {value!r}\n", hash=f"{value!r} in normal form", key="x")


def value_of(individual: Individual) -> float:
    """The number that an individual's policy is."""
    return float(individual.policy.source.removeprefix("x = "))


class Nudge:
    """Moves a number by halves; now and then finds nothing to do. Twins are frequent."""

    def propose(self, parents: Sequence[Individual], rng: np.random.Generator) -> Proposal | Barren:
        """A neighbour of the one parent."""
        if rng.random() < 0.1:
            return Barren(reason="nothing to nudge")
        (parent,) = parents
        step = int(rng.integers(-4, 5)) / 2
        lineage = Lineage("nudge", (parent.id,), f"by {step}")
        return Proposal(policy=number(value_of(parent) + step), lineage=lineage, attempts=1)


class Mean:
    """Puts a number between two."""

    def propose(self, parents: Sequence[Individual], rng: np.random.Generator) -> Proposal | Barren:
        """The middle of the two parents, always found at the second attempt."""
        first, second = parents
        middle = number((value_of(first) + value_of(second)) / 2)
        return Proposal(policy=middle, lineage=Lineage("mean", (first.id, second.id)), attempts=2)


class Distance:
    """Scores a number by its distance from ten; some numbers fail. Counts what it is asked.

    With `twofold` its size counts as well, the larger the better, so that beyond ten one is at odds with the other.
    """

    def __init__(self, pause: float = 0.0, *, twofold: bool = False) -> None:
        self.asked: list[str] = []
        self.pause = pause
        self.twofold = twofold

    def stream(self, candidates: Iterable[Candidate | None]) -> Iterator[Verdict | None]:
        """The outcome of each policy, in their order; its one trace must be run, whatever its hurdle."""
        for candidate in candidates:
            if candidate is None:
                yield None
                continue
            policy = candidate.policy
            self.asked.append(policy.hash)
            time.sleep(self.pause)
            value = float(policy.source.removeprefix("x = "))
            if int(value * 2) % 7 == 3:
                yield Failure(FailureKind.EXCEPTION, f"{value} is unlucky", trace="t", tick=1, line=1)
            else:
                away = abs(value - 10.0)
                size = (value,) if self.twofold else ()
                score = TraceScore("t", away, (1, 1), (2, 3), (0, 0), beside=size)
                beside = tuple(Reached(Metric.THROUGHPUT, each) for each in size)
                yield Fitness(Metric.LATENCY, away, (score,), beside)


VARIATIONS = Variations(mutation=Nudge(), crossover=Mean())


def begin(
    root: Path,
    config: RunConfig = CONFIG,
    first: Sequence[float] = (0.0, 1.5, 3.0),
    bounds: Sequence[float | None] = (),
) -> Journal:
    """A new run called "run" from these numbers, of which 1.5 fails."""
    founders = [Founder(f"n{x}", number(x)) for x in first]
    return Journal.create(root, "run", config, Kit("suite", founders, {}, bounds))


def run(root: Path, config: RunConfig = CONFIG, first: Sequence[float] = (0.0, 1.5, 3.0)) -> list[Event]:
    """All events of a whole new run."""
    with begin(root, config, first) as journal:
        return list(evolve(journal, Distance()))


def go_on(root: Path, more: int = 0) -> list[Event]:
    """The events of resuming that run to its end."""
    with Journal.open(root, "run") as journal:
        if more:
            journal.extend(more)
        return list(evolve(journal, Distance()))


def generations(events: Iterable[Event]) -> list[Generation]:
    """The completed generations among events."""
    return [event for event in events if isinstance(event, Generation)]


def contents(root: Path) -> dict[str, bytes]:
    """Every file under a folder by its path."""
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def value_trail(root: Path) -> list[float]:
    """The numbers that a run tried, in order."""
    return [value_of(individual) for individual in read_run(root, "run").individuals]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an uninterrupted run."""
    root = tmp_path_factory.mktemp("whole")
    run(root)
    return root


def test_the_search_finds_better_ones(tmp_path: Path) -> None:
    """The best of each generation is at least as good as before, and in the end much better than at first."""
    found = generations(run(tmp_path, RunConfig(seed=1, generations=12, population=6, children=8)))
    best = [
        generation.best.fitness.value for generation in found if generation.best and generation.best.fitness
    ]
    assert len(best) == 13
    assert best == sorted(best, reverse=True)
    assert best[0] > 3.0
    assert best[-1] < 1.0


def test_events_tell_the_run(tmp_path: Path) -> None:
    """Each individual comes once, in order of number, then its generation; together they are what is saved."""
    events = run(tmp_path)
    saved = read_run(tmp_path, "run")
    born = [event.individual for event in events if isinstance(event, Born)]
    assert tuple(born) == saved.individuals
    assert [one.number for one in born] == sorted({one.number for one in born})
    assert tuple(generations(events)) == saved.generations
    for generation in saved.generations:
        assert list(generation.born) == [one for one in born if one.generation == generation.number]
        last = events.index(generation) - 1
        assert events[last] == Born(generation.born[-1])
    assert [generation.stop for generation in saved.generations] == [None, None, None, None, "generations"]
    assert saved.stop == "generations"
    assert saved.hall_of_fame(3) == hall_of_fame(born, 3)


def test_statistics_can_be_recomputed(tmp_path: Path) -> None:
    """What a generation says of itself follows from its individuals and the lines of the journal."""
    events = generations(run(tmp_path, RunConfig(seed=5, generations=6, population=5, children=6)))
    records = [json.loads(line) for line in (tmp_path / "run" / "journal.jsonl").read_text().splitlines()]
    scored = 0
    for generation in events:
        living = generation.population.individuals
        values = [one.fitness.value for one in living if one.fitness]
        assert generation.best is living[0]
        assert generation.median == statistics.median(values)
        assert sum(generation.failures.values()) == sum(one.fitness is None for one in generation.born)
        scored += len(generation.born)
        assert generation.evaluations == scored
        own = [record for record in records if record.get("generation") == generation.number]
        unused = [record for record in own if record["record"] == "skipped"]
        assert generation.duplicates + generation.barren == len(unused)
        draws = sum(record.get("attempts", 1) for record in own)
        assert generation.redrawn == draws - len(generation.born)
    assert any(generation.failures == {"exception": 1} for generation in events)
    assert any(generation.redrawn for generation in events)


def refused(name: str) -> Founder:
    """A text that is no policy."""
    return Founder(
        name, Policy(f"{name}(", hash=f"{name} refused", key=""), Failure(FailureKind.SYNTAX, "why")
    )


def test_what_was_refused_is_born_but_has_no_children(tmp_path: Path) -> None:
    """Text that is no policy takes its number as a failure; nobody runs it, and nobody descends from it."""
    kit = Kit("suite", [refused("a"), Founder("n0", number(0.0)), refused("b")], {})
    scorer = Distance()
    with Journal.create(tmp_path, "run", CONFIG, kit) as journal:
        found = generations(list(evolve(journal, scorer)))
    saved = read_run(tmp_path, "run")
    assert [type(one.outcome) for one in saved.individuals[:3]] == [Failure, Fitness, Failure]
    assert saved.individuals[0].outcome == Failure(FailureKind.SYNTAX, "why")
    assert not any("refused" in asked for asked in scorer.asked)
    assert found[0].failures["syntax"] == 2
    assert saved.stop == "generations"
    assert not {parent for one in saved.individuals for parent in one.lineage.parents} & {"0", "2"}
    assert not {one.number for each in found for one in each.population.individuals} & {0, 2}
    assert {one.number for one in saved.hall_of_fame()}.isdisjoint({0, 2})


def test_a_run_with_refused_founders_is_gone_on_with(tmp_path: Path) -> None:
    """Left after any event of its first population, it ends with the same bytes as without a break."""
    kit = Kit("suite", [refused("a"), Founder("n0", number(0.0)), refused("b"), refused("c")], {})
    for place in ("whole", "broken"):
        with Journal.create(tmp_path / place, "run", CONFIG, kit) as journal:
            if place == "whole":
                list(evolve(journal, Distance()))
    while read_run(tmp_path / "broken", "run").stop is None:
        with Journal.open(tmp_path / "broken", "run") as journal:
            next(evolve(journal, Distance()), None)
    whole, broken = (contents(tmp_path / place) for place in ("whole", "broken"))
    assert whole == broken


def test_where_all_were_refused_the_run_ends(tmp_path: Path) -> None:
    """With nobody to descend from, a run ends after its first population, and again when it is asked for more."""
    with Journal.create(tmp_path, "run", CONFIG, Kit("suite", [refused("a"), refused("b")], {})) as journal:
        events = list(evolve(journal, Distance()))
    (generation,) = generations(events)
    assert (generation.failures, generation.population.individuals) == ({"syntax": 2}, ())
    assert read_run(tmp_path, "run").stop == "extinct"
    assert go_on(tmp_path) == []
    assert go_on(tmp_path, more=3) == []
    assert read_run(tmp_path, "run").stop == "extinct"


def test_the_first_population(tmp_path: Path) -> None:
    """It is what the user gave, failures included, filled up with mutants of those."""
    first = generations(run(tmp_path))[0]
    given_, mutants = first.born[:3], first.born[3:]
    assert [value_of(one) for one in given_] == [0.0, 1.5, 3.0]
    assert [one.lineage for one in given_] == [Lineage("initial", detail=f"n{x}") for x in (0.0, 1.5, 3.0)]
    assert isinstance(given_[1].outcome, Failure)
    assert mutants
    assert {one.lineage.variation for one in mutants} == {"nudge"}
    assert {parent for one in mutants for parent in one.lineage.parents} <= {"0", "1", "2"}


def test_parents_live_in_the_generation_before(tmp_path: Path) -> None:
    """A child's parents were alive when its generation began, and children come from one parent and from two."""
    events = generations(
        run(tmp_path, RunConfig(seed=2, generations=5, population=5, children=8, crossover=0.5))
    )
    for before, generation in itertools.pairwise(events):
        alive = {one.id for one in before.population.individuals}
        for one in generation.born:
            assert set(one.lineage.parents) <= alive
    assert {len(one.lineage.parents) for event in events[1:] for one in event.born} == {1, 2}


def test_no_program_is_scored_twice(tmp_path: Path) -> None:
    """A twin of anybody before is drawn anew; where that doesn't help its number stays unused, and is counted."""
    scorer = Distance()
    with begin(
        tmp_path, RunConfig(seed=1, generations=6, population=4, children=8, crossover=1.0)
    ) as journal:
        events = generations(evolve(journal, scorer))
    assert len(scorer.asked) == len(set(scorer.asked))
    assert sum(generation.duplicates for generation in events) > 0
    assert max(generation.redrawn for generation in events) >= DRAWS


def test_a_population_may_be_too_small_to_cross(tmp_path: Path) -> None:
    """From one policy, whose mutants all are its twins, the search still comes to its end."""

    class Same:
        def propose(self, parents: Sequence[Individual], rng: np.random.Generator) -> Proposal:
            return Proposal(policy=parents[0].policy, lineage=Lineage("same", (parents[0].id,)), attempts=1)

    config = RunConfig(generations=2, population=3, children=2, tournament=1, crossover=1.0)
    with begin(tmp_path, config, first=(1.5,)) as journal:
        events = list(evolve(journal, Distance(), Variations(mutation=Same(), crossover=Mean())))
    assert [len(generation.population.individuals) for generation in generations(events)] == [1, 1, 1]
    assert [generation.duplicates for generation in generations(events)] == [2, 2, 2]
    assert generations(events)[-1].best is None
    assert generations(events)[-1].median is None


def test_equal_seeds_give_equal_bytes(tmp_path: Path, whole: Path) -> None:
    """The same seed and configuration give the same folder, another seed another."""
    run(tmp_path / "again")
    assert contents(tmp_path / "again") == contents(whole)
    run(tmp_path / "other", RunConfig(seed=4, generations=4, population=5, children=6, tournament=2))
    assert value_trail(tmp_path / "other") != value_trail(whole)


@settings(max_examples=40)
@given(data=st.data())
def test_any_prefix_can_be_gone_on_with(
    data: st.DataObject, whole: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Cut a journal at any byte after its header: it reads as a valid run, and resumed it is the uninterrupted one."""
    complete = (whole / "run" / "journal.jsonl").read_bytes()
    cut = data.draw(st.integers(complete.index(b"\n") + 1, len(complete)), label="cut")
    root = tmp_path_factory.mktemp("cut")
    shutil.copytree(whole, root, dirs_exist_ok=True)
    (root / "run" / "journal.jsonl").write_bytes(complete[:cut])
    known = complete[:cut].rpartition(b"\n")[0]
    for path in sorted((root / "run" / "policies").iterdir()):
        if f'"policies/{path.name}"'.encode() not in known and data.draw(st.booleans(), label=path.name):
            path.unlink()
    half = read_run(root, "run")
    assert half.individuals == read_run(whole, "run").individuals[: len(half.individuals)]
    scorer = Distance()
    with Journal.open(root, "run") as journal:
        list(evolve(journal, scorer))
    assert contents(root) == contents(whole)
    assert not {one.policy.hash for one in half.individuals} & set(scorer.asked)
    shutil.rmtree(root)


def test_leaving_at_any_event_loses_nothing(tmp_path: Path, whole: Path) -> None:
    """Taking three events at a time, a new process for each three, comes to the same end."""
    begin(tmp_path).close()
    events: list[Event] = []
    for _ in range(100):
        with (
            Journal.open(tmp_path, "run") as journal,
            closing(evolve(journal, Distance())) as search,
        ):
            some = list(itertools.islice(search, 3))
        events += some
        if not some:
            break
    assert contents(tmp_path) == contents(whole)
    assert len(events) == len(set(map(str, events)))


def test_more_generations(tmp_path: Path) -> None:
    """Two generations and then three more are the same search as five, but for the records of ends and wishes."""
    run(tmp_path / "straight", RunConfig(seed=3, generations=5, population=5, children=6))
    run(tmp_path / "steps", RunConfig(seed=3, generations=2, population=5, children=6))
    assert len(generations(go_on(tmp_path / "steps", more=3))) == 3
    straight, steps = read_run(tmp_path / "straight", "run"), read_run(tmp_path / "steps", "run")
    assert steps.individuals == straight.individuals
    assert steps.generations == straight.generations
    assert (steps.asked, steps.stop) == (5, "generations")
    lines = [
        [
            line
            for line in (tmp_path / name / "run" / "journal.jsonl").read_text().splitlines()[1:]
            if json.loads(line)["record"] not in {"end", "extended"}
        ]
        for name in ("straight", "steps")
    ]
    assert lines[0] == lines[1]


def test_a_run_that_has_ended_has_nothing_to_do(tmp_path: Path) -> None:
    """Resuming it yields nothing and leaves it as it is."""
    run(tmp_path)
    before = contents(tmp_path)
    assert go_on(tmp_path) == []
    assert contents(tmp_path) == before


def test_a_target_ends_the_search_until_more_is_asked(tmp_path: Path) -> None:
    """The search stops as soon as a generation's best reaches the target; going on nevertheless is possible."""
    events = generations(
        run(tmp_path, RunConfig(seed=1, generations=30, population=6, children=8, target=1.0))
    )
    values = [event.best.fitness.value for event in events if event.best and event.best.fitness]
    assert values[-1] <= 1.0 < values[-2]
    assert events[-1].stop == "target"
    later = generations(go_on(tmp_path, more=2))
    assert [event.number for event in later] == [len(events), len(events) + 1]
    assert later[-1].stop == "generations"


@pytest.mark.parametrize("bounds", [(0.5,), (None,), ()])
def test_a_gap_ends_the_search_where_a_bound_is_known(tmp_path: Path, bounds: Sequence[float | None]) -> None:
    """Twice the bound is near enough as soon as somebody comes to it; where none is known, nothing ever is."""
    config = RunConfig(seed=1, generations=12, population=6, children=8, gap=2.0)
    with begin(tmp_path, config, bounds=bounds) as journal:
        events = generations(evolve(journal, Distance()))
    values = [event.best.fitness.value for event in events if event.best and event.best.fitness]
    if bounds == (0.5,):
        assert events[-1].stop == "target"
        assert values[-1] <= 1.0 < values[-2]
        assert generations(go_on(tmp_path, more=2))[-1].stop == "generations"
    else:
        assert values[-1] <= 1.0
        assert (len(events), events[-1].stop) == (13, "generations")


def test_patience_ends_the_search(tmp_path: Path) -> None:
    """The search stops after so many generations without a new best, counted also over an interruption."""
    config = RunConfig(seed=1, generations=60, population=4, children=4, patience=3)
    events = generations(run(tmp_path, config))
    best = [event.best.fitness.value for event in events if event.best and event.best.fitness]
    assert events[-1].stop == "patience"
    assert len(set(best[-4:])) == 1
    assert best[-5] != best[-4]
    path = tmp_path / "run" / "journal.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rindex(b'{"record":"end"')])
    assert go_on(tmp_path) == []
    assert path.read_bytes() == whole


def test_no_generations_only_score(tmp_path: Path) -> None:
    """Asked for no generations, a run scores its first population and ends."""
    events = generations(run(tmp_path, RunConfig(generations=0, population=5)))
    assert [(event.number, event.stop) for event in events] == [(0, "generations")]


TWO = RunConfig(
    seed=3,
    generations=8,
    population=5,
    children=5,
    tournament=2,
    metric=(Metric.LATENCY, Metric.THROUGHPUT),
)


def test_a_search_by_two_metrics(tmp_path: Path) -> None:
    """From below ten it comes to ten and goes on beyond: what it keeps is the front from the nearest to the largest."""
    with begin(tmp_path, TWO, first=(8.0, 9.0)) as journal:
        events = generations(evolve(journal, Distance(twofold=True)))
        state = journal.state
    saved = read_run(tmp_path, "run")
    front = saved.hall_of_fame(1000)
    assert tuple(front) == pareto_front(saved.individuals) == state.front
    assert len(front) > 3
    assert [value_of(one) for one in front] == sorted(value_of(one) for one in front)
    assert value_of(front[-1]) == max(value_of(one) for one in saved.individuals if one.fitness)
    assert saved.hall_of_fame(1) == [state.best] == front[:1]
    best = events[-1].best
    assert best is not None
    assert best.fitness == front[0].fitness
    assert state.improved == max(one.generation for one in front)


def test_interrupted_by_two_metrics(tmp_path: Path) -> None:
    """Left after every second event and gone on with, a search by two metrics ends with the same bytes."""
    for place, step in (("whole", 1000), ("broken", 2)):
        begin(tmp_path / place, TWO).close()
        while read_run(tmp_path / place, "run").stop is None:
            with (
                Journal.open(tmp_path / place, "run") as journal,
                closing(evolve(journal, Distance(twofold=True))) as search,
            ):
                list(itertools.islice(search, step))
    assert contents(tmp_path / "whole") == contents(tmp_path / "broken")


def test_patience_by_two_metrics(tmp_path: Path) -> None:
    """Whoever is new on the front renews the patience, also if the best by the first metric stays who it was."""
    config = msgspec.structs.replace(TWO, patience=2)
    with begin(tmp_path, config, first=(9.0, 10.0)) as journal:
        events = generations(evolve(journal, Distance(twofold=True)))
        state = journal.state
    best = state.best
    assert best is not None
    assert (value_of(best), best.generation) == (10.0, 0)
    assert len(events) > 3
    assert state.improved > 0
    assert events[-1].stop == ("generations" if len(events) == 9 else "patience")
    assert len(events) == 9 or events[-1].number - state.improved == 2


SLOW = """
import sys
from pathlib import Path
from tests.test_evolution import Distance, begin, evolve
from evo.journal import Journal, list_runs
root = Path(sys.argv[1])
journal = Journal.open(root, "run") if list_runs(root) else begin(root)
with journal:
    print("begun", flush=True)
    for event in evolve(journal, Distance(pause=0.01)):
        pass
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_killed_again_and_again(tmp_path: Path, whole: Path) -> None:
    """A process killed by SIGKILL wherever it happens to be, six times over, still comes to the same bytes."""
    rng = np.random.default_rng(11)
    kills = 0
    while not (tmp_path / "run").exists() or read_run(tmp_path, "run").stop is None:
        process = subprocess.Popen(
            [sys.executable, "-c", SLOW, str(tmp_path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]
        )
        with process:
            assert process.stdout
            process.stdout.readline()
            if kills < 4:
                time.sleep(float(rng.uniform(0, 0.15)))
                process.send_signal(signal.SIGKILL)
                kills += 1
    assert contents(tmp_path) == contents(whole)
