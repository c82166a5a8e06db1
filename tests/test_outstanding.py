"""Calls on their way: whoever is never heard of again counts against the budget, once for each time."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

import evo
from evo.consulting import Calling
from evo.errors import RunError
from evo.outstanding import OUTSTANDING, Outstanding
from tests.consulted import Neighbour, asking
from tests.llm.server import Server


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


def test_damage_is_named(tmp_path: Path) -> None:
    """A note that holds no number is an error with its path."""
    Outstanding(tmp_path).expect("00001-0-abc", Decimal(1))
    next((tmp_path / OUTSTANDING).iterdir()).write_text("much")
    with pytest.raises(RunError, match="00001-0-abc"):
        Outstanding(tmp_path).lost()


def test_a_call_lost_in_a_run_counts_against_its_budget(tiny: Path, tmp_path: Path) -> None:
    """Left while calls are on their way, a run goes on with what they can have cost taken off; then nothing is open."""
    with Server(Neighbour(delay=0.3)) as server:
        config = asking(server.v1, tiny, budget=3.0)
        events = evo.evolve(config, name="mine", root=tmp_path, workers=1, calling=Calling(in_flight=2))
        for _ in events:
            if len(server.requests) > 2:
                break
        events.close()
        folder = tmp_path / "mine" / OUTSTANDING
        asked = list(folder.iterdir())
        assert asked
        for _ in evo.resume("mine", root=tmp_path, workers=1):
            pass
    assert len(list(folder.glob("*.lost"))) == len(asked)
    assert not list(folder.glob("*.asked"))
    assert evo.load_run("mine", root=tmp_path).stop in {"generations", "budget"}
