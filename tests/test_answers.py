"""Saved answers: what a later reader finds is what was used, and damage is named."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evo.answers import ANSWERS, Answers, SavedAnswer, digest_of
from evo.errors import RunError, StorageError
from evo.llm import Answer, Prompt, Usage


def saved(text: str = "text", number: int = 7, step: int = 0, price: Decimal | None = None) -> SavedAnswer:
    """An answer to a question about that child."""
    answer = Answer(model="m", text=text, usage=Usage(input=10, output=5))
    return SavedAnswer(
        number=number,
        generation=1,
        step=step,
        purpose="mutation",
        model="openai:m",
        question=digest_of("openai:m", Prompt("c", (str(number), str(step)))),
        price=price,
        answer=answer,
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(text=st.text(st.characters()), price=st.none() | st.decimals(0, 10, places=8))
def test_what_is_found_is_what_was_used(tmp_path: Path, text: str, price: Decimal | None) -> None:
    """Whatever a model says, half characters included, the answer in hand is the one in the file."""
    answers = Answers(tmp_path)
    used = answers.save(saved(text, price=price))
    assert answers.find(7, 0, used.question) == used
    assert used.price == price
    assert list(answers.all()) == [used]


def test_another_question_has_no_answer(tmp_path: Path) -> None:
    """Only the very question that was asked is answered; answers come in order of children and steps."""
    answers = Answers(tmp_path)
    assert list(answers.all()) == []
    for number, step in ((8, 0), (7, 1), (100000, 0), (7, 0)):
        answers.save(saved(number=number, step=step))
    assert answers.find(7, 0, "0" * 64) is None
    assert answers.find(9, 0, saved().question) is None
    assert [(one.number, one.step) for one in answers.all()] == [(7, 0), (7, 1), (8, 0), (100000, 0)]


def test_damage_is_named(tmp_path: Path) -> None:
    """A file that is no answer any more is an error with its path, not a call that is paid again."""
    answers = Answers(tmp_path)
    question = answers.save(saved()).question
    (path,) = (tmp_path / ANSWERS).iterdir()
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(RunError, match=path.name):
        answers.find(7, 0, question)


def test_a_disk_that_refuses(tmp_path: Path) -> None:
    """What can't be saved isn't used: the error says so."""
    (tmp_path / ANSWERS).write_text("in the way")
    with pytest.raises(StorageError, match="resume"):
        Answers(tmp_path).save(saved())


def test_the_digest_tells_questions_apart() -> None:
    """Another model, another word, another division into turns: another question."""
    prompts = [Prompt("a", ("b",)), Prompt("a", ("b", "")), Prompt("", ("ab",)), Prompt("ab", ("",))]
    digests = {digest_of(model, prompt) for model in ("x", "y") for prompt in prompts}
    assert len(digests) == 8
    assert msgspec.json.encode(prompts[0]) in msgspec.json.encode(("x", prompts[0]))


def test_all_that_was_paid_for_a_child_counts(tmp_path: Path) -> None:
    """Answers to questions that nobody asks any more are of no use, and were paid for all the same."""
    answers = Answers(tmp_path)
    assert answers.spent_on(7) == 0
    first = answers.save(saved(price=Decimal("0.25")))
    answers.save(msgspec.structs.replace(first, question="f" * 64, price=None, most=Decimal("0.5")))
    answers.save(saved(number=8, price=Decimal(3)))
    assert answers.spent_on(7) == Decimal("0.75")
