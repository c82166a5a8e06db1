"""Policies by name: stock ones, files, folders, and what is said of those that don't exist."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from evo import shipped
from evo.errors import InputError


def test_a_file_is_itself_and_a_folder_its_files(tmp_path: Path) -> None:
    """A user may name one file or a whole folder, whose policies come in order of their names."""
    for name in ("b.py", "a.py", "notes.md"):
        (tmp_path / name).write_text("x = 1\n")
    assert shipped.policy_files(str(tmp_path / "b.py")) == [tmp_path / "b.py"]
    assert shipped.policy_files(str(tmp_path)) == [tmp_path / "a.py", tmp_path / "b.py"]
    assert shipped.policy_file(str(tmp_path / "b.py")) == tmp_path / "b.py"
    with pytest.raises(InputError, match="a folder of 2 policies"):
        shipped.policy_file(str(tmp_path))


def test_stock_policies_go_by_name() -> None:
    """Every stock policy is found by its name alone."""
    assert shipped.stock_policies()
    for name, path in shipped.stock_policies().items():
        assert shipped.policy_files(name) == [path]
        assert shipped.read_policy(path)


def test_what_does_not_exist_is_named(tmp_path: Path) -> None:
    """An unknown policy, an empty folder and a file that is no text each get their own line."""
    with pytest.raises(InputError, match=r"nosuch\.py: no such policy"):
        shipped.policy_files("nosuch.py")
    with pytest.raises(InputError, match="no policy in this folder"):
        shipped.policy_files(str(tmp_path))
    os.mkfifo(tmp_path / "never.py")  # reading it would never end
    (tmp_path / "folder.py").mkdir()
    with pytest.raises(InputError, match="no policy in this folder"):
        shipped.policy_files(str(tmp_path))
    (tmp_path / "p.py").write_bytes(b"\xff")
    with pytest.raises(InputError, match="not UTF-8"):
        shipped.read_policy(tmp_path / "p.py")
