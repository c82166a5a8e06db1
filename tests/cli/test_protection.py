"""What a machine lacks to hold policies is said once, and only where a policy is to be held."""

from __future__ import annotations

from pathlib import Path

import pytest

from evo.cage.layers import Layer
from evo.cli import protection
from evo.shipped import read_policy, stock_policies
from tests.cli.conftest import Evo

MISSING = (Layer("walls", "nothing gets out", "anything gets out"), Layer("roof", "", "", active=True))
WARNING = "This machine has no walls (anything gets out). See `evo doctor`."


@pytest.fixture
def policy(tmp_path: Path) -> str:
    """A file with a harmless policy."""
    path = tmp_path / "mine.py"
    path.write_text(read_policy(stock_policies()["naive"]).replace("naive", "mine"))
    return str(path)


def test_a_missing_layer_is_named_once(
    evo: Evo, root: Path, tiny: Path, policy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever scores a file, or begins or resumes a run, reads on stderr what this machine lacks."""
    monkeypatch.setattr(protection, "layers", lambda: MISSING)
    small = ("--suite", str(tiny), "--workers", "1")
    run = ("run", "--name", "a", "--generations", "0", "--population", "3", "--children", "1", *small)
    for command in (("eval", policy, *small), run, ("resume", "a", "--generations", "+1")):
        called = evo(*command)
        assert called.exit_code == 0, called.output
        assert called.stderr.count(WARNING) == 1


def test_no_word_where_nothing_is_missing_or_caged(
    evo: Evo, root: Path, tiny: Path, policy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stock policy needs no cage, and a machine that has all layers no warning."""
    monkeypatch.setattr(protection, "layers", lambda: MISSING)
    small = ("--suite", str(tiny), "--workers", "1")
    assert "This machine" not in evo("eval", "naive", *small).stderr
    monkeypatch.setattr(protection, "layers", lambda: MISSING[1:])
    assert "This machine" not in evo("eval", policy, *small).stderr
