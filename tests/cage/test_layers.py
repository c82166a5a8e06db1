"""Which layers hold is found by trying: on this machine, and on one that lacks some."""

from __future__ import annotations

import os
import platform
import sys

import pytest

from evo.cage import landlock, layers
from evo.cage.layers import LAYERS


def held() -> set[str]:
    """Names of the layers that hold."""
    return {layer.name for layer in layers.layers() if layer.active}


def without(*patches: str) -> str:
    """The program that tries the layers, on a system that is less than this one."""
    return layers._PROGRAM.replace("report()", "\n".join((*patches, "report()")))


@pytest.mark.skipif(platform.system() != "Linux", reason="all layers are there only on Linux")
def test_all_hold_here() -> None:
    """On a Linux that has them, each layer is active and says what it keeps."""
    expected = {layer.name for layer in LAYERS}
    for name, since in (("files", 1), ("TCP", landlock.TCP), ("signals", landlock.SIGNALS)):
        if landlock.version() < since:
            expected.discard(f"Landlock {name}")
    assert held() == expected
    assert all(layer.keeps and layer.without for layer in LAYERS)


@pytest.mark.skipif(platform.system() != "Linux", reason="all layers are there only on Linux")
@pytest.mark.parametrize(
    ("patch", "missing"),
    [
        ("import evo.cage.seccomp as it; it.restrict = lambda: None", {"seccomp"}),
        (
            "import evo.cage.landlock as it; it.restrict = lambda: None",
            {"Landlock files", "Landlock TCP", "Landlock signals"},
        ),
        ("import resource as it; it.RLIMIT_AS = it.RLIMIT_DATA = it.RLIMIT_CORE", {"memory limit"}),
        (
            "import evo.cage.proof as it; it.renounce = lambda limits: None",
            {"no new privileges", "not traceable"},
        ),
    ],
)
def test_what_has_no_effect_is_missing(
    patch: str, missing: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A layer that was put on and doesn't hold is not called active, nor are those that need it."""
    before = held()
    monkeypatch.setattr(layers, "_PROGRAM", without(patch))
    found = before - held()
    assert missing & before <= found
    if "no new privileges" not in missing:
        assert found <= missing


def test_a_probe_that_cannot_run_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the probe dies, or there is no such thing as a fork, no layer is promised."""
    monkeypatch.setattr(layers, "_PROGRAM", "raise SystemExit(1)")
    assert held() == set()
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert held() == set()
    monkeypatch.delattr(os, "fork")
    assert held() == set()
