"""Calls on their way: whoever is never heard of again counts against the budget, once for each time."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import evo
from evo.answers import ANSWERS
from evo.consulting import Calling
from evo.errors import RunError
from evo.outstanding import OUTSTANDING, Outstanding
from tests.consulted import Neighbour, asking
from tests.llm.server import Say, Server
from tests.test_replaying import outcome


def test_what_was_answered_is_forgotten(tmp_path: Path) -> None:
    """A note lasts as long as its call; settled twice does no harm."""
    notes = Outstanding(tmp_path)
    assert notes.lost() == 0
    notes.expect("00001-0-abc", Decimal("0.25"))
    notes.settle("00001-0-abc")
    notes.settle("00001-0-abc")
    assert notes.lost() == 0


def test_what_was_not_counts_each_time(tmp_path: Path) -> None:
    """Interrupted twice over the same question, two calls may have been billed."""
    for expected in ("0.25", "0.50"):
        Outstanding(tmp_path).expect("00001-0-abc", Decimal("0.25"))
        assert Outstanding(tmp_path).lost() == Decimal(expected)
    notes = Outstanding(tmp_path)
    notes.expect("00001-0-abc", Decimal("0.25"))
    notes.settle("00001-0-abc")
    assert Outstanding(tmp_path).lost() == Decimal("0.50")


def test_what_was_saved_does_not_count(tmp_path: Path) -> None:
    """Killed between saving an answer and forgetting the note of its call, a run has lost nothing."""
    for label in ("00001-0-abc", "00002-0-abc"):
        Outstanding(tmp_path).expect(label, Decimal("0.25"))
    (tmp_path / ANSWERS).mkdir()
    (tmp_path / ANSWERS / "00002-0-abc.json").write_text("{}")
    assert [Outstanding(tmp_path).lost() for _ in range(2)] == [Decimal("0.25")] * 2


def test_damage_is_named(tmp_path: Path) -> None:
    """A note that holds no number is an error with its path."""
    Outstanding(tmp_path).expect("00001-0-abc", Decimal(1))
    next((tmp_path / OUTSTANDING).iterdir()).write_text("much")
    with pytest.raises(RunError, match="00001-0-abc"):
        Outstanding(tmp_path).lost()


def test_a_call_lost_in_a_run_counts_against_its_budget(tiny: Path, tmp_path: Path) -> None:
    """Left while calls are on their way, a run goes on with what they can have cost taken off; then nothing is open."""
    neighbour = Neighbour()

    def script(number: int, body: dict[str, Any]) -> Say:
        return replace(neighbour(number, body), delay=1.5 * (4 <= number < 10))

    with Server(script) as server:
        config = asking(server.v1, tiny, budget=3.0)
        events = evo.evolve(config, name="mine", root=tmp_path, workers=1, calling=Calling(in_flight=2))
        for _ in events:
            if len(server.requests) > max(4, len(server.billed)):
                break
        events.close()
        folder = tmp_path / "mine" / OUTSTANDING
        asked = list(folder.iterdir())
        assert 0 < len(asked) <= 2, "calls that wait for a line are not on their way"
        for _ in evo.resume("mine", root=tmp_path, workers=1):
            pass
    assert len(list(folder.glob("*.lost"))) == len(asked)
    assert not list(folder.glob("*.asked"))
    assert evo.load_run("mine", root=tmp_path).stop in {"generations", "budget"}


def test_a_run_that_lost_calls_is_told_again(tiny: Path, tmp_path: Path) -> None:
    """What was afforded and what was not is in the record: a replay needs no money, and finds no difference."""
    neighbour = Neighbour()

    def script(number: int, body: dict[str, Any]) -> Say:
        return replace(neighbour(number, body), delay=1.0 * (2 <= number < 6))

    with Server(script) as server:
        config = asking(server.v1, tiny, budget=1.5, generations=3)
        events = evo.evolve(config, name="mine", root=tmp_path, workers=1, calling=Calling(in_flight=3))
        for _ in events:
            if len(server.requests) > max(2, len(server.billed)):
                break
        events.close()
        for _ in evo.resume("mine", root=tmp_path, workers=1):
            pass
    assert list((tmp_path / "mine" / OUTSTANDING).glob("*.lost"))
    assert evo.load_run("mine", root=tmp_path).stop == "budget"
    assert outcome(tmp_path).difference is None
