"""The searches that are compared, each on the same terms: a start, a model to ask, so many evaluations.

A search tells its `Tally` of each program it has scored, the start included, and the model tells it of each program that
it was shown. Peers run in environments of their own, by their own commands, with the settings they come with, but for
what makes proposals equal: whole programs as answers, one call and one evaluation at a time.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from evo.birth import gathered
from evo.config import RunConfig
from evo.consulting import Calling
from evo.errors import PolicyError
from evo.evaluation import load_suite
from evo.evaluation.evaluator import Evaluator
from evo.evaluation.stages import Candidate
from evo.evolution import Born, Scorer, evolve
from evo.journal import Journal
from evo.metric import Metric
from evo.policy import parse
from evo.population import Failure, FailureKind, Fitness, TraceScore
from evo.session import session
from tests.benchmarks.landscapes import FIFO, deceptive
from tests.benchmarks.standin import StandIn
from tests.llm.server import Server

PATIENCE = 2
"""Calls for an evaluation after which evo is taken to have come to its end: all that it hears it knows already."""

_UNASKED = (0, 0)


@dataclass
class Tally:
    """What a search has scored, in order, and what it showed the model; None where a program failed."""

    values: list[float | None] = field(default_factory=list)
    calls: int = 0
    best_shown: int = 0
    """Calls in which a program to be improved was as good as any so far."""
    _known: dict[str, float | None] = field(default_factory=dict)

    def scored(self, program: str, value: float | None) -> None:
        """Count an evaluation."""
        self.values.append(value)
        self._known[_bare(program)] = value

    def heard(self, parents: tuple[str, ...]) -> None:
        """Count a call."""
        self.calls += 1
        values = [self._known.get(_bare(parent)) for parent in parents]
        best = self.best(len(self.values))
        self.best_shown += any(value is not None and best is not None and value <= best for value in values)

    def best(self, count: int) -> float | None:
        """The best of the first `count` evaluations."""
        return min((value for value in self.values[:count] if value is not None), default=None)


def _bare(program: str) -> str:
    return "\n".join(line.rstrip() for line in program.strip().split("\n"))


class Synthetic:
    """Scores by the deceptive landscape in place of the simulator."""

    def stream(self, candidates: Iterable[Candidate | None]) -> Iterator[Fitness | Failure | None]:
        for candidate in candidates:
            if candidate is None:
                time.sleep(0.001)
                yield None
                continue
            value = deceptive(candidate.policy.source)
            if value is None:
                yield Failure(FailureKind.EXCEPTION, "NameError: name 'assignment' is not defined")
            else:
                score = TraceScore("synthetic", value, _UNASKED, _UNASKED, _UNASKED)
                yield Fitness(Metric.LATENCY, value, (score,))


@dataclass(frozen=True)
class Task:
    """A landscape to be searched with so many evaluations: a suite, and who scores on it (None: its simulator)."""

    suite: Path
    evaluations: int
    seed: int
    scorer: Scorer | None


@contextmanager
def judging(task: Task) -> Iterator[Callable[[str], float | None]]:
    """Who scores a program for those who can't ask evo's evaluator; None for one that fails."""
    with Evaluator(load_suite(task.suite), Metric.LATENCY) as evaluator:
        scorer = task.scorer or evaluator

        def judge(program: str) -> float | None:
            try:
                outcome = next(one for one in scorer.stream([Candidate(parse(program))]) if one is not None)
            except PolicyError:
                return None
            return outcome.value if isinstance(outcome, Fitness) else None

        yield judge


def hill_climb(task: Task, tally: Tally) -> None:
    """Plain (1+1): a proposal takes its parent's place if it isn't worse."""
    model = StandIn(task.seed, tally.heard)
    with judging(task) as judge:
        parent, best = FIFO, judge(FIFO)
        tally.scored(parent, best)
        while len(tally.values) < task.evaluations:
            question = [{"role": "user", "content": f"Improve it.\n```python\n{parent}\n```"}]
            child = model(0, {"messages": question}).text.split("```python\n")[1].split("```")[0]
            value = judge(child)
            tally.scored(child, value)
            if value is not None and (best is None or value <= best):
                parent, best = child, value


def evo_run(task: Task, tally: Tally, **settings: Any) -> None:
    """A run of evo with these settings above its defaults; all children are asked of the model unless they say otherwise."""
    with Server(StandIn(task.seed, tally.heard)) as server, tempfile.TemporaryDirectory() as folder:
        start = Path(folder) / "fifo.py"
        start.write_text(FIFO, encoding="utf-8")
        given: dict[str, Any] = {
            "suite": str(task.suite),
            "metric": Metric.LATENCY,
            "seed": task.seed,
            "init": (str(start),),
            "models": (f"{server.v1}#stand-in",),
            "model_share": 1.0,
            "generations": 10 * task.evaluations,
        }
        config = RunConfig(**(given | settings))
        with (
            Journal.create(Path(folder), "run", config, gathered(config)) as journal,
            session(journal, None, Calling(in_flight=1)) as parts,
        ):
            for event in evolve(journal, task.scorer or parts.evaluator, parts.breeder, parts.ahead):
                if isinstance(event, Born):
                    one = event.individual
                    tally.scored(one.policy.source, one.fitness.value if one.fitness else None)
                if len(tally.values) == task.evaluations or tally.calls > PATIENCE * task.evaluations:
                    break


def openevolve(task: Task, tally: Tally, python: str) -> None:
    """OpenEvolve, asked for whole programs."""
    config = f"""\
max_iterations: {task.evaluations - 1}
random_seed: {task.seed}
language: python
diff_based_evolution: false
llm:
  api_base: URL/v1
  api_key: none
  models:
    - name: stand-in
evaluator:
  cascade_evaluation: false
"""
    with _served(task, tally) as (url, judge), tempfile.TemporaryDirectory() as folder:
        _laid(Path(folder), config.replace("URL/v1", url))
        command = [python, "-m", "openevolve.cli", "initial.py", "evaluate.py", "--config", "config.yaml"]
        _ran(command, folder, judge)


def shinka(task: Task, tally: Tally, python: str) -> None:
    """ShinkaEvolve, asked for whole programs and, as often as it comes with, for crossings; without embeddings."""
    with _served(task, tally) as (url, judge), tempfile.TemporaryDirectory() as folder:
        settings = {
            "evo.llm_models": json.dumps([f"local/stand-in@{url}"]),
            "evo.patch_types": '["full", "cross"]',
            "evo.patch_type_probs": "[0.9, 0.1]",
            "evo.llm_dynamic_selection": "none",
            "evo.embedding_model": "none",
            "evo.meta_rec_interval": "none",
        }
        _laid(Path(folder), "")
        given = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
        limits = ["--max-evaluation-jobs", "1", "--max-proposal-jobs", "1", "--max-db-workers", "1"]
        command = [python, "-m", "shinka.cli.run", "--task-dir", folder, "--results_dir", f"{folder}/results"]
        command += ["--num_generations", str(task.evaluations), "--no-verbose", *limits, *given]
        _ran(command, folder, judge)


@contextmanager
def _served(task: Task, tally: Tally) -> Iterator[tuple[str, str]]:
    """Where a peer finds the model, and where its evaluator finds the judge."""
    with (
        judging(task) as judge,
        Server(StandIn(task.seed, tally.heard)) as server,
        _judge(judge, tally) as address,
    ):
        yield server.v1, address


@contextmanager
def _judge(judge: Callable[[str], float | None], tally: Tally) -> Iterator[str]:
    one_at_a_time = threading.Lock()

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            program = self.rfile.read(int(self.headers["content-length"])).decode()
            with one_at_a_time:
                value = judge(program)
                tally.scored(program, value)
            data = json.dumps({"value": value}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Nothing is said of what went well."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _laid(folder: Path, config: str) -> None:
    """A peer's task: a start, an evaluator, settings."""
    (folder / "initial.py").write_text(FIFO, encoding="utf-8")
    (folder / "evaluate.py").write_bytes((Path(__file__).parent / "judge.py").read_bytes())
    (folder / "config.yaml").write_text(config, encoding="utf-8")


def _ran(command: list[str], folder: str, judge: str) -> None:
    """Run a peer to its end; raises RuntimeError with its last words if it fails."""
    environment = os.environ | {"EVO_BENCHMARK_JUDGE": judge}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=3600, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{(done.stdout + done.stderr)[-3000:]}")
