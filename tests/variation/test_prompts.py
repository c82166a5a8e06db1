"""Tests of the prompts' files: those that ship, and what users do to them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from evo import shipped
from evo.errors import InputError, PolicyError
from evo.policy import parse
from evo.policy.edits import apply_edits
from evo.variation.prompts import Prompts, Style

SHIPPED = Prompts.load(shipped.markdown())
EXAMPLE = re.findall(r"^```python\n(.*?)^```", SHIPPED.texts["policy-api"], re.MULTILINE | re.DOTALL)[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A user's own copy of the prompts."""
    return Path(shutil.copytree(shipped.markdown(), tmp_path / "prompts"))


@pytest.mark.parametrize("style", ["whole", "edits"])
def test_the_constant_part_says_all_in_order(style: Style) -> None:
    """The task with the score and the cluster, then what policies can do, then how to answer; and no place is left."""
    constant = Prompts.load(shipped.markdown(), style).constant("SCORED SO", "ON THIS")
    parts = ["# Your task", "SCORED SO", "ON THIS", "# Writing a scheduling policy", "# How to answer"]
    places = [constant.index(part) for part in parts]
    assert places == sorted(places)
    assert "{{" not in constant
    assert ("<<<<<<< SEARCH" in constant) == (style == "edits")
    assert len(constant) < 20_000


def test_a_run_and_its_copy_say_the_same(folder: Path) -> None:
    """What a run copies at its birth gives the same bytes later, on any system's line ends."""
    for path in folder.rglob("*.md"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert Prompts.load(folder) == SHIPPED


def test_users_change_words_and_add_hints(folder: Path) -> None:
    """A changed file is what is told, and a new file among the hints is one more hint."""
    (folder / "repair.md").write_text("Mend: {{ error }}!\n")
    (folder / "hints" / "dare.md").write_text("Dare.\n")
    (folder / "hints" / "combine-order.md").write_text("Take the order of the second.\n")
    prompts = Prompts.load(folder)
    assert prompts.filled("repair", {"error": "{{error}} x"}) == "Mend: {{error}} x!"
    assert prompts.hints(crossed=False) == ("dare", "explore", "refine", "simplify")
    assert prompts.hints(crossed=True) == ("combine", "combine-order")


def test_braces_that_are_no_place_stay(folder: Path) -> None:
    """Python's own doubled braces are no places."""
    (folder / "policy-api.md").write_text("f'{{}}' and {{1: 2}} and { {x} }\n")
    assert "f'{{}}' and {{1: 2}} and { {x} }" in Prompts.load(folder).constant("m", "c")


WRONG = {
    "unknown": ("mutation.md", "a\n{{source}}{{told}}\n{{scource}}\n", r"line 3: \{\{scource\}\} .*mean \{\{source\}\}"),
    "of another": ("repair.md", "{{error}} {{zzz}}", r"line 1: \{\{zzz\}\} .*known are \{\{error\}\}$"),
    "none at all": ("answer-whole.md", "\n\n{{error}}", r"line 3: \{\{error\}\} .*no places to fill; take it out"),
    "a hint's": ("hints/refine.md", "{{source}}", r"refine.md: line 1: .*take it out"),
    "missing": ("mutation.md", "a\n{{source}}\n\n", r"line 3: the file ends without \{\{told\}\}; write it where"),
    "not closed": ("repair.md", "a\nb {{error} c", r"line 2: \{\{error is not closed; write \{\{error\}\}$"),
    "empty": ("system.md", " \n \n", r"line 1: the file is empty; write what"),
    "endless": ("system.md", "a" * 200_001, r"200,001 characters, at most 200,000 are possible; shorten it"),
    "not UTF-8": ("system.md", b"\xff\xfe", r"byte 0 is not UTF-8; save the file as UTF-8"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "text", "words"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_told_at_once(folder: Path, name: str, text: str | bytes, words: str) -> None:
    """Before anything is asked, one line names the file, the line and the mend."""
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError, match=words) as caught:
        Prompts.load(folder)
    assert str(folder / name) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["system.md", "crossover.md", "metric-throughput.md", "hints/combine.md"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    """A run born before there were prompts, or one whose prompts were lost, says what to restore."""
    (folder / name).unlink()
    with pytest.raises(InputError, match=r"no such file; restore it from the folder markdown") as caught:
        Prompts.load(folder)
    assert str(folder / name) in str(caught.value)


def test_a_user_may_explain_any_metric(folder: Path) -> None:
    """What is said of a further metric is a file like the others: read if it is there, checked, and missed by nobody."""
    assert "metric-query-p99" not in Prompts.load(folder).texts
    (folder / "metric-query-p99.md").write_text("The slowest queries.\n")
    assert Prompts.load(folder).texts["metric-query-p99"] == "The slowest queries."
    (folder / "metric-query-p99.md").write_text("The {{slowest}}.\n")
    with pytest.raises(InputError, match=r"metric-query-p99\.md: line 1"):
        Prompts.load(folder)


def test_without_hints_there_is_no_prompt(folder: Path) -> None:
    """Each way of making children has at least one hint."""
    shutil.rmtree(folder / "hints")
    with pytest.raises(InputError, match=r"explore\.md: no such file"):
        Prompts.load(folder)


def test_a_folder_in_place_of_a_file(folder: Path) -> None:
    """What can't be read is told as such."""
    (folder / "repair.md").unlink()
    (folder / "repair.md").mkdir()
    with pytest.raises(InputError, match=r"repair\.md: .*give a readable file"):
        Prompts.load(folder)


def test_hints_for_one_parent_and_for_two() -> None:
    """A child of two parents gets the hints that begin with combine, any other the others."""
    assert SHIPPED.hints(crossed=False) == ("explore", "refine", "simplify")
    assert SHIPPED.hints(crossed=True) == ("combine",)


def test_the_guide_allows_what_is_allowed() -> None:
    """Each module that the guide lets a model import passes, and each name that it forbids is refused."""
    section = SHIPPED.texts["policy-api"].split("## What is refused")[1]
    modules, _, rest = section.partition("numpy")
    allowed = [*re.findall(r"`(\w+)`", modules), "numpy"]
    assert len(allowed) == 14
    parse("\n".join(f"import {name}" for name in allowed) + f"\n{EXAMPLE}")
    for refused in ["import time", "from datetime import datetime"]:
        assert f"`{refused.split()[1]}`" in rest
        with pytest.raises(PolicyError, match="now_seconds"):
            parse(f"{refused}\n{EXAMPLE}")
    costs = re.findall(r"`(\w+)(?:\(\))?`", rest[rest.index("true cost") :])
    assert len(costs) == 7
    for cost in costs:
        with pytest.raises(PolicyError, match="is hidden"):
            parse(EXAMPLE.replace("FIRST_RAM), pool", f"op.{cost}), pool"))


def test_the_shown_edit_fits_the_shown_policy() -> None:
    """The example of an edit could be made to the example of a policy, as it stands."""
    edited = apply_edits(EXAMPLE, SHIPPED.texts["answer-edits"].partition("Then give edits")[2])
    assert "CPUS = 6  # RAM is the bottleneck" in edited
    assert parse(edited).key == "first-fit"
