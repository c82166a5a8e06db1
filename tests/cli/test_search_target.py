"""`evo run --target`: a value, or by how many times the best may miss what no policy can better."""

from __future__ import annotations

from pathlib import Path

import pytest

from evo.evaluation.stages import best_fitness
from evo.evaluation.suite_file import load_suite
from evo.saved import Run, read_run
from tests.cli.conftest import Evo

BARE = ("--generations", "3", "--population", "4", "--children", "4", "--metric", "latency", "--workers", "1")


def run(evo: Evo, root: Path, tiny: Path, target: str) -> tuple[Run, str]:
    """The run of naive's descendants that is to end at that target, and what is said of it."""
    called = evo("run", "--name", "mine", "--suite", str(tiny), "--init", "naive", *BARE, "--target", target)
    assert called.exit_code == 0, called.output
    return read_run(root, "mine"), called.stderr


def test_a_gap_that_is_reached(evo: Evo, root: Path, tiny: Path) -> None:
    """The run knows the bound of its suite from birth, and ends with the first who comes so near to it, which is said."""
    found, told = run(evo, root, tiny, "gap=9.5")
    assert (found.config.gap, found.config.target) == (9.5, None)
    assert found.header.bounds == best_fitness(load_suite(tiny), found.config.metrics)
    (best,) = found.hall_of_fame(1)
    times = found.optimality(best)
    assert times is not None
    assert 1 < times <= 9.5
    assert (found.stop, len(found.generations)) == ("target", 1)
    assert "Stopped: the target of 9.5 times what no policy can better is reached." in told


def test_a_gap_that_is_out_of_reach(evo: Evo, root: Path, tiny: Path) -> None:
    """Nobody comes to the bound itself here, so the run does all of its generations."""
    found, _ = run(evo, root, tiny, "gap=1")
    assert (found.stop, len(found.generations)) == ("generations", 4)
    assert all((found.optimality(one) or 9) > 1 for one in found.individuals)


def test_a_value_that_is_reached(evo: Evo, root: Path, tiny: Path) -> None:
    """A number is a value of the metric."""
    found, told = run(evo, root, tiny, "1e9")
    assert (found.config.gap, found.config.target) == (None, 1e9)
    assert (found.stop, len(found.generations)) == ("target", 1)
    assert "Stopped: the target of 1000000000.0 is reached." in told


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("soon", "--target soon: give a value of the metric, or gap=TIMES, such as gap=1.2"),
        ("gap=", "--target gap=: give a value of the metric, or gap=TIMES, such as gap=1.2"),
        ("gap=near", "--target gap=near: give a value of the metric, or gap=TIMES, such as gap=1.2"),
        ("1.2=gap", "--target 1.2=gap: give a value of the metric, or gap=TIMES, such as gap=1.2"),
        ("gap=0.5", "gap must be between 1 and 1000000000, is 0.5"),
        ("gap=nan", "gap must be between 1 and 1000000000, is nan"),
        ("gap=inf", "gap must be between 1 and 1000000000, is inf"),
        ("inf", "target must be a finite number, is inf"),
    ],
)
def test_a_target_that_makes_no_sense(evo: Evo, root: Path, target: str, said: str) -> None:
    """One line says what a target may be, and nothing begins."""
    called = evo("run", "--target", target)
    assert (called.exit_code, called.stderr) == (2, f"evo: {said}\n")
    assert not root.exists()
