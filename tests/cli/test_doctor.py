"""`evo doctor`: what is found is true, keys stay secret, and what stops evo exits with 1."""

from __future__ import annotations

import json
import platform
from pathlib import Path

import pytest

from evo.cage.layers import Layer
from evo.cli import doctor
from evo.simulator import EUDOXIA_REVISION
from tests.cli.conftest import Evo


def test_this_machine_can_run_policies(evo: Evo, root: Path) -> None:
    """Where these tests run, the cage holds, and the report says with what."""
    called = evo("doctor", "--json")
    report = json.loads(called.stdout)
    assert called.exit_code == 0
    assert report["python"]["version"] == platform.python_version()
    assert report["cage"]["works"] is report["cage"]["memory_limit"] is report["cage"]["time_limit"] is True
    assert report["populations"] == {**report["populations"], "path": "populations", "writable": True}
    assert report["simulator"]["compiled"] is False
    assert report["dependencies"]["libcst"] != "missing"
    assert report["eudoxia"]["install"].startswith('pip install "eudoxia @ git+')


def test_each_layer_is_told(evo: Evo, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sees of each layer whether it holds, and of a missing one what is open without it."""
    found = (
        Layer("walls", "nothing gets out", "anything gets out", active=True),
        Layer("roof", "", "it rains in"),
    )
    monkeypatch.setattr(doctor, "layers", lambda: found)
    assert json.loads(evo("doctor", "--json").stdout)["cage"]["layers"] == [
        {"name": "walls", "active": True, "meaning": "nothing gets out"},
        {"name": "roof", "active": False, "meaning": "it rains in"},
    ]
    shown = evo("doctor").stdout
    assert "MISSING" in next(line for line in shown.splitlines() if "it rains in" in line)
    assert "active" in next(line for line in shown.splitlines() if "nothing gets out" in line)


def test_upstreams_revision_is_told(evo: Evo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where upstream is installed, one sees whether it is the one whose results these are."""
    (tmp_path / "eudoxia").mkdir()
    info = tmp_path / "eudoxia-0.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: eudoxia\nVersion: 0.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(doctor, "_cage", lambda: {"works": True, "error": None, "layers": [], "landlock": 0})
    for revision, remark in (("0123456789", "0123456, evo equals c62122c"), (EUDOXIA_REVISION, "c62122c")):
        (info / "direct_url.json").write_text(json.dumps({"vcs_info": {"commit_id": revision}}))
        assert json.loads(evo("doctor", "--json").stdout)["eudoxia"]["revision"] == revision
        assert f"only for comparing: revision {remark}" in evo("doctor").stdout


def test_keys_are_never_shown(evo: Evo, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key is there or not; its value is in no output."""
    monkeypatch.setattr(doctor, "_cage", lambda: {"works": True, "error": None, "layers": [], "landlock": 0})
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-very-secret")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    as_json, as_text = evo("doctor", "--json"), evo("doctor")
    assert json.loads(as_json.stdout)["keys"] == {"ANTHROPIC_API_KEY": True, "OPENAI_API_KEY": False}
    assert "ANTHROPIC_API_KEY" in as_text.stdout
    assert "secret" not in as_json.output + as_text.output


def test_a_cage_that_fails_is_told(evo: Evo, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which policies can't be held is no machine for evo: exit 1, with the reason."""
    monkeypatch.setattr(
        doctor,
        "_cage",
        lambda: {"works": False, "error": "no fork here", "layers": [], "landlock": 0},
    )
    called = evo("doctor")
    assert called.exit_code == 1
    assert "FAILS" in called.stdout
    assert "no fork here" in called.stdout


def test_a_folder_that_cant_be_written_is_told(evo: Evo, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run couldn't be saved there, so it is said before one is begun."""
    monkeypatch.setattr(doctor, "_cage", lambda: {"works": True, "error": None, "layers": [], "landlock": 0})
    called = evo("doctor", "--json", "--populations", "/proc/runs")
    assert called.exit_code == 1
    assert json.loads(called.stdout)["populations"]["writable"] is False
