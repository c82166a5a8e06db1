"""What the tests of validations share: a suite of moments with test traces, and a saved run on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.validation.parted import begin, memoriser_of, suite_in


@pytest.fixture(scope="session")
def parted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a suite with three train and four test traces."""
    return suite_in(tmp_path_factory.mktemp("parted"))


@pytest.fixture(scope="session")
def memoriser(parted: Path) -> str:
    """A policy that knows the train traces."""
    return memoriser_of(parted)


@pytest.fixture(scope="session")
def born(parted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of saved runs with one of founders only."""
    root = tmp_path_factory.mktemp("born")
    begin(root, parted)
    return root
