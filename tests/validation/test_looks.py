"""Looks are counted whatever happens: a kill in the middle of a line leaves none half-written, damage is told."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import msgspec
import pytest

from evo.errors import RunError, StorageError
from evo.metric import Metric
from evo.runfolder import LOOKS, one_writer
from evo.validation.looks import Seen, looks, record

SEEN = Seen(("3", "1"), "0" * 64, "0.1.0", "evo-1", {"3": {Metric.LATENCY: 2.5}, "overbook": None}, 2.0)


def test_looks_are_counted(tmp_path: Path) -> None:
    """Before the first there is none and no file; each has the next number, and says what was seen."""
    assert looks(tmp_path) == []
    assert not (tmp_path / LOOKS).exists()
    assert [record(tmp_path, SEEN).look for _ in range(3)] == [1, 2, 3]
    assert [(one.look, one.seen) for one in looks(tmp_path)] == [(1, SEEN), (2, SEEN), (3, SEEN)]


def test_killed_at_any_byte_of_a_line(tmp_path: Path) -> None:
    """Wherever the second line ends, the next look stands in its place, whole; the first is as it was."""
    path = tmp_path / LOOKS
    record(tmp_path, SEEN)
    first = path.read_bytes()
    record(tmp_path, SEEN)
    both = path.read_bytes()
    for size in range(len(first), len(both)):
        path.write_bytes(both[:size])
        assert len(looks(tmp_path)) == 1
        assert record(tmp_path, SEEN).look == 2
        assert path.read_bytes() == both


def test_a_look_from_before_bounds_were_seen(tmp_path: Path) -> None:
    """Of old looks no bound is known; all else is there."""
    record(tmp_path, SEEN)
    path = tmp_path / LOOKS
    path.write_text(path.read_text().replace(',"bound":2.0', ""))
    (look,) = looks(tmp_path)
    assert look.seen == msgspec.structs.replace(SEEN, bound=None)


@pytest.mark.parametrize(
    "damaged", ["nonsense", '{"look":7,"seen":{}}', "", '{"look":2,"seen":{"medians":{"3":{"charm":1.0}}}}']
)
def test_damage_is_told(tmp_path: Path, damaged: str) -> None:
    """A line in the middle that is no look names file and line, and nothing is written behind it."""
    record(tmp_path, SEEN)
    path = tmp_path / LOOKS
    path.write_text(f"{path.read_text()}{damaged}\n")
    before = path.read_bytes()
    with pytest.raises(RunError, match=r"looks\.jsonl: line 2 is damaged"):
        record(tmp_path, SEEN)
    assert path.read_bytes() == before


def test_a_line_that_was_taken_out_is_missed(tmp_path: Path) -> None:
    """Whoever takes a look back is found out by the numbers."""
    for _ in range(3):
        record(tmp_path, SEEN)
    path = tmp_path / LOOKS
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(lines[0] + lines[2])
    with pytest.raises(RunError, match="line 2 is look 3"):
        looks(tmp_path)


def test_two_do_not_look_at_once(tmp_path: Path) -> None:
    """While somebody else writes the run, no look is recorded, so none is shown."""
    with one_writer(tmp_path), pytest.raises(RunError, match="in use"):
        record(tmp_path, SEEN)
    assert looks(tmp_path) == []


def test_a_disk_that_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What can't be recorded is an error, before anything is shown, and leaves nothing behind."""
    record(tmp_path, SEEN)
    before = (tmp_path / LOOKS).read_bytes()

    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", refuse)
        with pytest.raises(StorageError, match=r"looks\.jsonl: No space left on device; nothing was shown"):
            record(tmp_path, SEEN)
    assert (tmp_path / LOOKS).read_bytes() == before
