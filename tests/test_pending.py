"""Whole runs in batches: the same individuals at half the price, and nothing is asked twice, wherever a run is killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from genai_prices import extract_usage

import evo
from evo.answers import Answers
from evo.config import RunConfig, parse_config
from evo.consulting import Calling
from evo.errors import InputError, RunError
from evo.evolution import Event
from evo.llm.batches import Pace
from evo.llm.batching import Batch
from evo.pending import PendingBatches
from evo.replaying import Replayed, replay
from tests.benchmarks.faults import NAMES
from tests.consulted import Neighbour, answers, asking, cost
from tests.llm.batching import BatchServer, Lost, Trouble
from tests.llm.server import Bill, Say
from tests.test_consulting import contents

SOON = Calling(pace=Pace(gather=0.1, first=0.02, longest=0.1))


@pytest.fixture(params=NAMES)
def kind(request: pytest.FixtureRequest) -> str:
    """Each service that has batches in turn."""
    return str(request.param)


def neighbour(number: int, body: dict[str, Any]) -> Say:
    """A model a fifth of whose answers are no policy, in either protocol."""
    return Neighbour(nonsense=0.2)(number, {"messages": body.get("messages") or body["input"]})


def surroundings(server: BatchServer) -> dict[str, str]:
    """What leads the services' own clients to the server."""
    return {
        "ANTHROPIC_API_KEY": "sk-ant-of-the-test",
        "ANTHROPIC_BASE_URL": server.url,
        "OPENAI_API_KEY": "sk-of-the-test",
        "OPENAI_BASE_URL": server.v1,
    }


def together(kind: str, tiny: Path, **given: Any) -> RunConfig:
    """A small run whose children are all made by a model of that service, in batches if nothing else is said."""
    return asking(
        "http://nowhere/v1", tiny, **({"models": (NAMES[kind],), "prices": {}, "batch": True} | given)
    )


def run(config: RunConfig, root: Path) -> None:
    """A whole run called "mine"."""
    for _ in evo.evolve(config, name="mine", root=root, workers=1, calling=SOON):
        pass


def charged(bill: Bill) -> Decimal:
    """What the service charges for an answer in a batch; the price list reads the service's count itself."""
    flavor = "responses" if bill.service == "openai" else "default"
    read = extract_usage(
        {"model": bill.model, "usage": bill.usage}, provider_id=bill.service, api_flavor=flavor
    )
    assert (
        read.calc_price().total_price
        == 2 * read.calc_price(price_context={"processing": "batch"}).total_price
    )
    return read.calc_price().total_price / 2


def test_the_same_run_at_half_the_price(
    kind: str, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In batches the same individuals are born of the same answers; the bill is the service's own, and a replay agrees."""
    with BatchServer(neighbour) as server:
        for variable, value in surroundings(server).items():
            monkeypatch.setenv(variable, value)
        run(together(kind, tiny, generations=1), tmp_path / "together")
        saved = answers(tmp_path / "together")
        assert len(saved) == len(server.billed) == server.questions
        assert cost(saved) == sum(map(charged, server.billed), Decimal(0)) > 0
        sizes = [len(batch.asked) for batch in server.batches]
        assert sizes[0] == 3
        assert 6 in sizes
        run(together(kind, tiny, generations=1, batch=False), tmp_path / "alone")
    runs = [evo.load_run("mine", root=tmp_path / name) for name in ("together", "alone")]
    assert runs[0].individuals == runs[1].individuals
    assert [one.answer.text for one in saved] == [one.answer.text for one in answers(tmp_path / "alone")]
    assert not (tmp_path / "together" / "mine" / "batches").exists()
    again = retold(tmp_path / "together")
    assert (again.answers, again.difference) == (len(saved), None)


def retold(root: Path) -> Replayed:
    """What a replay comes to."""
    found: list[Replayed] = []

    def steps() -> Iterator[Event]:
        found.append((yield from replay(root, "mine", workers=1)))

    assert list(steps())
    return found[0]


SLOWLY = """
import sys
from pathlib import Path
import evo
from evo.config import read_config
from evo.consulting import Calling
from evo.llm.batches import Pace
calling = Calling(pace=Pace(gather=0.1, first=0.02, longest=0.1))
root, toml = Path(sys.argv[1]), Path(sys.argv[2])
if __name__ == "__main__":
    if (root / "mine").exists():
        events = evo.resume("mine", root=root, workers=1, calling=calling)
    else:
        events = evo.evolve(read_config(toml), name="mine", root=root, workers=1, calling=calling)
    for _ in events:
        pass
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_killed_while_a_batch_is_pending(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed as a batch is taken, and as its answers come, a run ends the same, and pays once."""
    kills: list[str] = []
    running: list[subprocess.Popen[bytes]] = []

    def trouble(number: int, method: str, path: str) -> Trouble:
        if kills and f"{method} {path}".endswith(kills[0]):
            kills.pop(0)
            running[-1].send_signal(signal.SIGKILL)
            return Lost()
        return None

    with BatchServer(neighbour, trouble) as server:
        for variable, value in surroundings(server).items():
            monkeypatch.setenv(variable, value)
        config = together("anthropic", tiny, generations=1, population=4, children=2)
        run(config, tmp_path / "whole")
        whole = server.questions
        server._cache.seen.clear()
        toml = tmp_path / "config.toml"
        toml.write_text(config.to_toml())
        command = [sys.executable, "-c", SLOWLY, str(tmp_path / "killed"), str(toml)]
        kills += ["POST /v1/messages/batches", "/results"]
        for _ in range(3):
            running.append(subprocess.Popen(command, cwd=Path(__file__).parents[1], env=dict(os.environ)))
            running[-1].wait(120)
        assert [process.returncode for process in running] == [-signal.SIGKILL] * 2 + [0]
        assert server.questions == 2 * whole
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")


def test_a_budget_holds_for_batches(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions in batches reserve what they can cost at most: the bill stays below the cap, and the run ends there."""
    with BatchServer(neighbour) as server:
        for variable, value in surroundings(server).items():
            monkeypatch.setenv(variable, value)
        run(together("anthropic", tiny, budget=0.15, answer_tokens=1000), tmp_path)
        assert 0 < sum(map(charged, server.billed), Decimal(0)) <= Decimal("0.15")
    assert evo.load_run("mine", root=tmp_path).stop == "budget"


def test_who_takes_no_batches(tiny: Path, tmp_path: Path) -> None:
    """A server of one's own, and nobody at all, can't be asked in batches: which is said before there is a run."""
    for models, said in (((), "give --model"), (("http://127.0.0.1:1/v1#own",), "takes no batches")):
        with pytest.raises(InputError, match=said):
            run(asking("http://nowhere/v1", tiny, models=models, batch=True), tmp_path)
    assert not (tmp_path / "mine").exists()


def test_a_configuration_in_toml() -> None:
    """That a run asks in batches is kept in its configuration."""
    config = parse_config('models = ["gpt-6-sol"]\nbatch = true\n', "a.toml")
    assert config.batch
    assert parse_config(config.to_toml(), "b.toml") == config


def test_records_of_batches(tmp_path: Path) -> None:
    """A record is there until all its answers are saved; a damaged one is named, with the mend."""
    pending = PendingBatches(tmp_path, Answers(tmp_path))
    assert list(pending.all()) == []
    batch = Batch(pending.name(), "m", ("00001-0-abc", "00002-0-abc"), id="batch-1")
    pending.save(batch)
    (tmp_path / "answers").mkdir()
    for label in batch.labels:
        assert list(PendingBatches(tmp_path, Answers(tmp_path)).all()) == [batch]
        (tmp_path / "answers" / f"{label}.json").touch()
    pending.forget()
    assert not (tmp_path / "batches").exists()
    pending.save(batch)
    (tmp_path / "batches" / "broken.json").write_text("{")
    with pytest.raises(RunError, match=r"broken.json: not the record of a batch.* delete it"):
        list(pending.all())


def test_no_two_batches_have_a_name(tmp_path: Path) -> None:
    """Names are what services allow, and never the same."""
    pending = PendingBatches(tmp_path, Answers(tmp_path))
    names = {pending.name() for _ in range(100)}
    assert len(names) == 100
    assert all(re.fullmatch("[a-z0-9]{8,20}", name) for name in names)
