"""From what a server sent to an answer that can be saved."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo.llm import Answer, Prompt, Usage
from evo.llm.replies import counted, judged, messages, writable
from evo.llm.settings import Settings

SETTINGS = Settings(model="m-1")
COUNT = st.one_of(
    st.none(), st.integers(), st.integers(0, 50), st.floats(), st.text(max_size=3), st.booleans()
)
TEXT = st.text(st.characters(exclude_categories=[]), max_size=30)


@given(COUNT, COUNT, COUNT, COUNT, COUNT)
def test_parts_never_exceed_their_whole(
    taken: object, given_: object, cached: object, written: object, reasoning: object
) -> None:
    """Whatever a server tells of its tokens, the usage can be priced and saved."""
    usage = counted((taken, given_), cached, written, reasoning)
    if usage is None:
        return
    assert usage.cached + usage.written <= usage.input
    assert usage.reasoning <= usage.output
    assert min(usage.cached, usage.written, usage.reasoning) >= 0
    assert msgspec.json.decode(msgspec.json.encode(usage), type=Usage) == usage


def test_counts_are_taken_as_told() -> None:
    """Counts that make sense come through; without a whole there is nothing."""
    assert counted((100, 20), 30, 40, 5) == Usage(input=100, output=20, cached=30, written=40, reasoning=5)
    assert counted((None, 20)) == Usage(output=20)
    assert counted((None, "20"), 30) is None


@given(TEXT)
def test_any_text_can_be_saved(text: str) -> None:
    """Text comes through as it is, but for halves of pairs that have lost the other."""
    mended = writable(text)
    mended.encode()
    assert writable(mended) == mended
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert mended == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "<think>Hm.</think>",
        "<think>Hm.</think> \n <thinking>And</thinking>",
        "<think>It never ended",
        "It began before it was sent.</think>\n",
        "<reasoning>\n\n</reasoning>",
    ],
)
def test_thoughts_are_no_answer(text: str) -> None:
    """A text that holds nothing but thoughts says nothing, but is kept."""
    answer = judged(SETTINGS, None, text, None)
    assert (answer.fault, answer.text, answer.model) == ("empty", text, "m-1")


@pytest.mark.parametrize(
    "text", ["x", "<think>Hm.</think>x", "x<think>Hm", "Hm.</think>x", "if a < think > b: x"]
)
def test_an_answer_beside_thoughts_is_one(text: str) -> None:
    """What is said before or after the thoughts counts, and the text stays as it came."""
    assert judged(SETTINGS, "m-2", text, None) == Answer(model="m-2", text=text)


@given(TEXT, TEXT)
def test_any_answer_can_be_saved(model: str, text: str) -> None:
    """Whatever a server calls its model or has it say, the answer survives being saved."""
    answer = judged(SETTINGS, model, text, None)
    assert msgspec.json.decode(msgspec.json.encode(answer), type=Answer) == answer


def test_turns_alternate() -> None:
    """The user has the first word and the last."""
    roles = [turn["role"] for turn in messages(Prompt("", ("a", "b", "c")))]
    assert roles == ["user", "assistant", "user"]
