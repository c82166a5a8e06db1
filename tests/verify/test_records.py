"""Sources and records beside each other: a source is what was saved, and who lives follows from the scores."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evo.errors import RunError
from evo.verify.records import read
from tests.verify.spoiling import Saved, closing, edit, numbered


def found(root: Path) -> list[tuple[str, int, str]]:
    """What differs without anything being simulated."""
    return [
        (one.subject, one.number, one.what) for each in read(root, "mine").found for one in each.differences
    ]


def test_a_run_as_it_was_saved(root: Path) -> None:
    """Nothing differs, and every individual is a program."""
    reading = read(root, "mine")
    assert found(root) == []
    assert set(reading.programs) == {one.number for one in reading.run.individuals}
    assert not reading.legacy


def test_edited_sources_are_found(root: Path) -> None:
    """A changed source is no program of the run; with its digest changed as well, the hash tells."""
    source = root / "mine" / "policies" / "4.py"
    source.write_text(source.read_text().replace("sort", "reverse", 1) + "\nx = 7\n")
    assert found(root) == [("individual", 4, "digest of policies/4.py")]
    assert 4 not in read(root, "mine").programs
    now = read(root, "mine").found
    digest = next(one.now for each in now for one in each.differences)
    edit(root, numbered(4), lambda one: one.update(digest=digest))
    assert found(root) == [("individual", 4, "hash")]
    source.write_text("no policy")
    digest = next(one.now for each in read(root, "mine").found for one in each.differences)
    edit(root, numbered(4), lambda one: one.update(digest=digest))
    assert found(root) == [("individual", 4, "source")]


def test_edited_names_are_found(root: Path) -> None:
    """A key or hash that isn't the source's is named; so is a founder who isn't what the run began with."""
    edit(root, numbered(0), lambda one: one.update(key="mine", hash="0" * 64))
    assert found(root) == [
        ("founder", 0, "hash"),
        ("founder", 0, "key"),
        ("individual", 0, "hash"),
        ("individual", 0, "key"),
    ]


def test_a_child_of_nobody_is_found(root: Path) -> None:
    """A parent that was never born, or was born later, is named."""
    edit(root, numbered(2), lambda one: one["lineage"].update(parents=["0", "4"]))
    assert found(root) == [("individual", 2, "parents")]


@pytest.mark.parametrize(
    ("what", "value"), [("survivors", [2, 5, 0, 4]), ("best", 2), ("median", 1.0), ("evaluations", 500)]
)
def test_edited_generations_are_found(root: Path, what: str, value: object) -> None:
    """Whoever is put before a better one, made the best, or counted where there is nobody, is named."""
    edit(root, closing(1), lambda one: one.update({what: value}))
    assert found(root) == [("generation", 1, what)]


def test_a_legacy_failure_is_known_as_one(root: Path) -> None:
    """A kind that is none any more is that of an earlier evo, whose counts of kinds aren't today's either."""

    def older(one: Saved) -> None:
        one["failure"]["kind"] = "AssertionError"

    edit(root, numbered(1), older)
    edit(root, closing(0), lambda one: one.update(failures={"AssertionError": 1}))
    assert found(root) == []
    assert read(root, "mine").legacy == {1}


def test_refused_text_is_held_to_its_hash(root: Path) -> None:
    """What was never a policy has no program; its hash is that of its text."""
    refusal = {"kind": "contract", "message": "no policy"}

    def refuse(one: Saved) -> None:
        one.update(key="")
        one.pop("fitness")
        one["failure"] = refusal

    edit(root, numbered(4), refuse)
    assert ("individual", 4, "hash") in found(root)
    assert 4 not in read(root, "mine").programs


def test_a_lost_source_and_a_damaged_line_are_errors(root: Path) -> None:
    """A file that is gone can't be compared: the error names it; a line that says nothing is named as well."""
    (root / "mine" / "policies" / "4.py").unlink()
    with pytest.raises(RunError, match=r"4\.py.*restore it"):
        read(root, "mine")
    journal = root / "mine" / "journal.jsonl"
    lines = journal.read_text().splitlines()
    journal.write_text("\n".join([*lines[:1], json.dumps({"record": "individual"}), *lines[2:], ""]))
    with pytest.raises(RunError, match="line 2 is damaged"):
        read(root, "mine")
