"""A small saved run for those that spoil it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.test_replaying import small_run


@pytest.fixture(scope="package")
def saved(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of saved runs with a small one, called mine: 1 failed, and there is a generation after the first."""
    return small_run(tiny, tmp_path_factory.mktemp("verified"))


@pytest.fixture
def root(saved: Path, tmp_path: Path) -> Path:
    """The same in another place, so that it can be spoilt."""
    shutil.copytree(saved, tmp_path / "elsewhere")
    return tmp_path / "elsewhere"
