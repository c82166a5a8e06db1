"""`evo cost`: what a run cost, to the token and the cent, for people and for machines."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from evo.answers import Answers, SavedAnswer
from evo.cli.cost import money
from evo.config import RunConfig
from evo.llm import Answer, Usage
from evo.llm.exchange import Fault
from tests.cli.conftest import Evo
from tests.cli.family import NAME, found

DEAR, FREE = "openai:dear", "http://localhost:1/v1#own"


def config(*models: str) -> RunConfig:
    """The configuration of the family's run, with models."""
    return RunConfig(generations=2, population=2, children=2, tournament=2, model_share=1.0, models=models)


def answered(
    root: Path,
    number: int,
    price: str | None,
    model: str = DEAR,
    purpose: str = "mutation",
    fault: Fault | None = None,
) -> None:
    """Save an answer in the family's run."""
    step = 1 if purpose == "repair" else 0
    usage = Usage(1000, 500, cached=250, reasoning=100)
    Answers(root / NAME).save(
        SavedAnswer(
            number=number,
            generation=number // 2,
            step=step,
            purpose=purpose,
            model=model,
            question=f"{number}{step}" * 8,
            price=None if price is None else Decimal(price),
            answer=Answer("m", "text", usage, fault),
        )
    )


def spend(root: Path, *, ended: bool = True) -> None:
    """The family's run, with answers for 12 dollars and more."""
    found(root, ended=ended, config=config(DEAR, FREE))
    answered(root, 2, "4.50")
    answered(root, 2, "5.50", purpose="repair")
    answered(root, 3, "2", purpose="crossover", fault="truncated")
    answered(root, 4, None, FREE, fault="empty")


def test_help_teaches_by_example(evo: Evo) -> None:
    """The command is listed, and its help shows how to type it."""
    assert " cost " in evo("--help").stdout
    assert "$ evo cost" in evo("cost", "--help").stdout


def test_a_run_without_models_cost_nothing(evo: Evo, root: Path) -> None:
    """That is said, and no error; so it is for a run that has models and no answer yet."""
    found(root)
    called = evo("cost", NAME)
    assert (called.exit_code, called.stdout) == (0, f"'{NAME}' has no models: it cost nothing.\n")
    told = json.loads(evo("cost", NAME, "--json").stdout)
    assert (told["total"]["calls"], told["total"]["dollars"], told["forecast"]) == (0, 0, 0)
    found(root / "other", config=config(DEAR))
    assert "no answer of a model yet" in evo("cost", NAME, "--populations", str(root / "other")).stdout


def test_a_bill_for_people(evo: Evo, root: Path) -> None:
    """A row for each model and purpose, then what it all came to, what was of no use, and what was gained."""
    spend(root)
    text = evo("cost", NAME).stdout
    assert [line.split() for line in text.splitlines() if line.startswith((DEAR, "repair"))] == [
        [DEAR, "3", "3,000", "25%", "1,500", "300", "$12.00", "1"],
        ["repair", "1", "1,000", "25%", "500", "100", "$5.50", "0"],
    ]
    assert FREE in text
    assert "unknown" in text
    assert "At least $12.00 for 4 calls and 3 children." in text
    assert "Nobody knows the price of 1 of them." in text
    assert "25% of the tokens read came from a cache." in text
    assert "Answers of no use: 1 empty, 1 truncated." in text
    assert "from 90.000 s to 60.000 s (+33.3 %): at least $0.40 a s, at least $0.36 a percent." in text


def test_by_generation_and_as_json(evo: Evo, root: Path) -> None:
    """One split if one is asked for, all of them as JSON; the parts are the whole."""
    spend(root)
    text = evo("cost", NAME, "--by", "generation").stdout
    assert "generation" in text
    assert "purpose" not in text
    told = json.loads(evo("cost", NAME, "--json").stdout)
    assert set(told["by"]) == {"model", "purpose", "generation"}
    assert told["by"]["generation"]["1"]["dollars"] == told["total"]["dollars"] == 12.0
    assert told["by"]["model"][FREE]["dollars"] is None
    assert told["total"]["tokens"] == {"input": 4000, "cached": 1000, "output": 2000, "reasoning": 400}
    assert told["total"]["faults"] == {"empty": 1, "truncated": 1}
    assert told["improvement"]["dollars_per_unit"] == 0.4
    assert set(json.loads(evo("cost", NAME, "--by", "model", "--json").stdout)["by"]) == {"model"}


def test_a_run_that_goes_on(evo: Evo, root: Path) -> None:
    """What it will have cost at this rate stands beside the results, not in them."""
    spend(root, ended=False)
    called = evo("cost", NAME)
    assert "At this rate" in called.stderr
    assert "At this rate" not in called.stdout


@pytest.mark.parametrize(
    ("dollars", "text"),
    [
        ("0", "$0.00"),
        ("1234.5", "$1,234.50"),
        ("0.5", "$0.50"),
        ("0.01234", "$0.012"),
        ("0.00001", "$0.000010"),
    ],
)
def test_money_for_the_eye(dollars: str, text: str) -> None:
    """Dollars to the cent, small sums to two digits; what nobody knows is unknown."""
    assert money(Decimal(dollars)) == text
    assert money(None) == "unknown"
