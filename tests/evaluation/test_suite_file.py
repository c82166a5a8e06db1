"""Suite files: the user's own suites, and one line of advice for each way to get them wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from evo.errors import InputError
from evo.evaluation.suite_file import load_suite
from evo.evaluation.suites import KINDS
from evo.simulator.trace import write_trace
from tests.evaluation.small import suite

GOOD = """
name = "mine"

[cluster]
duration = 40
ticks_per_second = 10
num_pools = 1

[[trace]]
file = "traces/busy.csv"

[[trace]]
name = "quiet"
seed = 5
num_pipelines = 2
waiting_seconds_mean = 9.5

[[trace]]
seed = 6
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a trace in it."""
    (tmp_path / "traces").mkdir()
    (tmp_path / "traces" / "busy.csv").write_text(write_trace(suite((1,)).traces[0]))
    (tmp_path / "suite.toml").write_text(GOOD)
    return tmp_path


def test_a_suite_file_gives_cluster_and_traces(folder: Path) -> None:
    """Traces come in order, from files beside the TOML or from the generator, named or not."""
    mine = load_suite(folder / "suite.toml")
    assert mine.name == "mine"
    assert mine.parameters.num_pools == 1
    assert [trace.name for trace in mine.traces] == ["busy", "quiet", "seed-6"]
    assert mine.traces[0].pipelines == suite((1,)).traces[0].pipelines
    assert len([1 for seconds, _ in mine.traces[1].pipelines if seconds == 0]) == 2
    assert mine.parameters.waiting_seconds_mean == 10.0


def test_a_suite_without_a_name_is_called_after_its_file(folder: Path) -> None:
    """The file's stem serves."""
    (folder / "own.toml").write_text(GOOD.replace('name = "mine"', ""))
    assert load_suite(str(folder / "own.toml")).name == "own"


def test_a_suite_file_gives_traces_of_three_kinds(folder: Path) -> None:
    """What is for selection or test is read like what is for training, and kept apart from it."""
    more = '[[selection]]\nseed = 7\n[[test]]\nname = "last"\nseed = 8\n[[selection]]\nseed = 9\n'
    (folder / "suite.toml").write_text(GOOD + more)
    mine = load_suite(folder / "suite.toml")
    names = [[trace.name for trace in mine.of(kind)] for kind in KINDS]
    assert names == [["busy", "quiet", "seed-6"], ["seed-7", "seed-9"], ["last"]]


@pytest.mark.parametrize("key", ["selection", "test"])
@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("seeds = 5", "number 2: unknown key seeds: did you mean seed?"),
        ("", "number 2: give `file`, a CSV, or `seed`"),
        ('file = "gone.csv"', r"number 2: file: .*gone\.csv is no file"),
        ('seed = 9\nname = "busy"', "two traces are called busy"),
        ('file = "traces/busy.csv"\nname = "again"', "busy and again are the same trace"),
    ],
)
def test_mistakes_in_other_kinds_get_the_same_advice(folder: Path, key: str, entry: str, words: str) -> None:
    """An entry for selection or test is as closely looked at as one for training, and named as what it is."""
    (folder / "suite.toml").write_text(f"{GOOD}[[{key}]]\nseed = 8\n[[{key}]]\n{entry}\n")
    with pytest.raises(InputError, match=words) as caught:
        load_suite(folder / "suite.toml")
    assert f"[[{key}]]" in str(caught.value) or "suite mine" in str(caught.value)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("[cluster]", "[clusters]", "suite.toml: unknown key clusters: did you mean cluster?"),
        ("num_pools", "num_pool", r"\[cluster\]: unknown key num_pool: did you mean num_pools"),
        ("num_pools = 1", "num_pools = 0", r"\[cluster\]: num_pools: 0 is not possible"),
        ("duration = 40", "query_prob = 0.9", "Probabilities must sum to 1"),
        ("traces/busy", "traces/gone", r"number 1: file: .*gone.csv is no file: paths begin at the folder"),
        ('"traces/busy.csv"', "7", "number 1: file: give the path"),
        (
            '"traces/busy.csv"',
            '"traces/busy.csv"\nseed = 1',
            "number 1: unknown key seed: an entry with a file",
        ),
        ("seed = 5", "seeds = 5", "number 2: unknown key seeds: did you mean seed?"),
        ("seed = 5", "", "number 2: give `file`, a CSV, or `seed`"),
        ("seed = 5", 'seed = "five"', "number 2: random_seed: 'five' is not possible"),
        ("seed = 5", "seed = 42", "number 2: seed: 42 is also the cluster's random_seed"),
        ("seed = 5", "seed = 5\ndag_linear_prob = 0.0", "number 2: can't be generated: DAG shape"),
        ("seed = 5", "seed = 5\nnum_pipelines = 0", "Cannot overwrite a value"),
        ("num_pipelines = 2", "num_pipelines = 0", "number 2: no pipelines"),
        ('"quiet"', '"busy"', "two traces are called busy"),
        ('"quiet"', "8", "number 2: name: give a text"),
        ('"mine"', "8", "suite.toml: name: give a text"),
        ("[cluster]", "[", "not valid TOML"),
        ("[[trace]]", "[[traces]]", "unknown key traces: did you mean trace?"),
    ],
)
def test_each_mistake_gets_its_advice(folder: Path, before: str, after: str, words: str) -> None:
    """Whatever is wrong, one line names the file, the entry and the mend."""
    assert before in GOOD
    (folder / "suite.toml").write_text(GOOD.replace(before, after))
    with pytest.raises(InputError, match=words) as caught:
        load_suite(folder / "suite.toml")
    assert "suite.toml" in str(caught.value) or "suite mine" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cluster = 3", "write it as a table"),
        ("trace = 3", "write each trace as a table"),
        ("trace = [3]", "write each trace as a table"),
        ("selection = 3", r"selection: write each trace as a table, under \[\[selection\]\]"),
        ("test = [3]", "test: write each trace as a table"),
        ("[cluster]", "no trace: add at least one"),
    ],
)
def test_the_wrong_shape_gets_its_advice(folder: Path, text: str, words: str) -> None:
    """Values where tables belong are refused by name."""
    (folder / "suite.toml").write_text(text)
    with pytest.raises(InputError, match=words):
        load_suite(folder / "suite.toml")


def test_files_that_cannot_be_read_get_their_advice(folder: Path) -> None:
    """A name that is nothing, a folder, and bytes that are no text."""
    with pytest.raises(InputError, match="no such file; the suites that need none are paper and quick"):
        load_suite("papier")
    with pytest.raises(InputError, match="give a readable TOML file"):
        load_suite(folder)
    (folder / "suite.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="byte 0 is not UTF-8"):
        load_suite(folder / "suite.toml")


def test_a_bad_row_is_found_through_the_suite(folder: Path) -> None:
    """A mistake in a CSV names the CSV and its line."""
    text = (folder / "traces" / "busy.csv").read_text().splitlines()
    text[1] = text[1].replace("BATCH_PIPELINE", "BATCH").replace("INTERACTIVE", "IN").replace("QUERY", "Q")
    (folder / "traces" / "busy.csv").write_text("\n".join(text))
    with pytest.raises(InputError, match=r"busy.csv.*line 2.*priority"):
        load_suite(folder / "suite.toml")
