"""`evo models`: what is chosen and what it costs is told without asking anybody; with --check, each is asked once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Evo
from tests.llm.server import Behaviour, Fail, Raw, Say, Server

KEYS = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "EVO_COMPATIBLE_API_KEY")
SECRET = "sk-hush-hush"


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs these tests may have keys; they have no place here."""
    for name in (*KEYS, "ANTHROPIC_BASE_URL", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_model_it_tells_what_there_is(
    evo: Evo, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A newcomer sees the services, which keys are there and how a model is named; a key itself never."""
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    (root.parent / ".env").write_text(f"ANTHROPIC_API_KEY='{SECRET}'\n")
    shown, as_json = evo("models"), evo("models", "--json")
    assert shown.exit_code == as_json.exit_code == 0
    services = json.loads(as_json.stdout)["services"]
    assert {each["variable"]: each["key"] for each in services} == {
        "ANTHROPIC_API_KEY": ".env",
        "OPENAI_API_KEY": "environment",
        "EVO_COMPATIBLE_API_KEY": "none needed",
    }
    assert "evo models --model anthropic:" in shown.stdout
    assert "http://localhost:11434/v1#" in shown.stdout
    assert "hush" not in shown.output + as_json.output


def test_the_examples_are_models(evo: Evo) -> None:
    """What it shows as an example can be typed, and has a price where there are prices."""
    examples = [each["example"] for each in json.loads(evo("models", "--json").stdout)["services"]]
    rows = json.loads(evo("models", "--json", *(f"--model={one}" for one in examples)).stdout)["models"]
    assert [row["dollars_per_million"] is not None for row in rows] == [True, True, False]


def test_models_are_listed_with_their_shares_and_prices(evo: Evo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights become shares; a missing key and an unknown price are said, with the mend."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", SECRET)
    words = ["models", "--model", "claude-opus-5-5=3", "--model", "gpt-6.2-sol"]
    called = evo(*words, "--json")
    assert json.loads(called.stdout)["models"] == [
        {
            "service": "anthropic",
            "id": "claude-opus-5-5",
            "url": None,
            "name": "anthropic:claude-opus-5-5",
            "weight": 3,
            "share": 0.75,
            "variable": "ANTHROPIC_API_KEY",
            "key": "environment",
            "dollars_per_million": {"input": 4, "output": 20},
        },
        {
            "service": "openai",
            "id": "gpt-6.2-sol",
            "url": None,
            "name": "openai:gpt-6.2-sol",
            "weight": 1,
            "share": 0.25,
            "variable": "OPENAI_API_KEY",
            "key": None,
            "dollars_per_million": None,
        },
    ]
    shown = evo(*words)
    assert shown.exit_code == 0
    assert "75.0 %" in shown.stdout
    assert "missing: set OPENAI_API_KEY" in shown.stdout
    assert 'prices = { "openai:gpt-6.2-sol" = [IN, OUT] }' in shown.stdout
    assert "hush" not in shown.output + called.output


def test_the_configuration_names_models_and_prices(evo: Evo, root: Path) -> None:
    """Models come from the file unless there are some on the line; its prices stand above those that are known."""
    (root.parent / "c.toml").write_text(
        'models = ["gpt-6-sol"]\n[prices]\ngpt-6-sol = [1.5, 0]\n"http://h/v1#m" = [0, 0]\n'
    )
    (row,) = json.loads(evo("models", "--config", "c.toml", "--json").stdout)["models"]
    assert (row["id"], row["dollars_per_million"]) == ("gpt-6-sol", {"input": 1.5, "output": 0})
    (row,) = json.loads(evo("models", "--config", "c.toml", "--json", "--model", "http://h/v1#m").stdout)[
        "models"
    ]
    assert (row["id"], row["dollars_per_million"]) == ("m", {"input": 0, "output": 0})


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--model", "qwen:7b"], "evo: model 'qwen:7b': whose model it is"),
        (["--model", "gpt-6-sol", "--model", "openai:gpt-6-sol"], "is given twice"),
        (
            ["--model", "gpt-6-sol", "--check"],
            "evo: no key: set OPENAI_API_KEY in the environment or in a file .env",
        ),
        (["--config", "none.toml"], "evo: none.toml: No such file"),
    ],
)
def test_bad_input_is_told_in_a_line(evo: Evo, words: list[str], message: str) -> None:
    """What can't be used is named before anybody is asked; the exit code is 2."""
    called = evo("models", *words)
    assert called.exit_code == 2
    (line,) = called.stderr.splitlines()
    assert message in line


def test_a_broken_file_of_keys_is_told(evo: Evo, root: Path) -> None:
    """The line is named, and not shown."""
    (root.parent / ".env").write_text(f"{SECRET}\n")
    called = evo("models")
    assert called.exit_code == 2
    assert called.stderr == "evo: .env: line 1: is no variable; write NAME=value, or # before a comment\n"


def test_a_check_asks_each_once_and_tells_the_price(evo: Evo, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says before what it costs at most, then what was answered and what it cost."""

    def script(number: int, body: dict[str, Any]) -> Behaviour:
        return Say("ready\x1b[2J, and more " + "words " * 40) if body["model"] == "own" else Say("ready")

    with Server(script) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", SECRET)
        words = ["models", "--check", "--model", "claude-opus-5-5", "--model", f"{server.v1}#own"]
        shown = evo(*words)
        as_json = evo(*words, "--json")
    assert (shown.exit_code, as_json.exit_code, len(server.requests)) == (0, 0, 4)
    assert f": at most $0.024584, and an unknown price for {server.v1}#own.\n" in shown.stderr
    assert "\x1b" not in shown.output
    first, second = (row["check"] for row in json.loads(as_json.stdout)["models"])
    bill = next(each for each in reversed(server.billed) if each.service == "anthropic")
    assert (first["text"], first["fault"]) == ("ready", None)
    assert first["tokens"] == {"input": bill.input, "output": bill.output}
    assert 0 < first["dollars"] < 0.024584
    assert second["dollars"] is None
    assert second["text"].startswith("ready")
    assert "hush" not in shown.output + as_json.output


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (Fail(401, "authentication_error", "wrong key sk-hush-hush"), "401"),
        (Raw(b"<html>", "text/html"), "malformed"),
        (Say("I would rather not.", stop="refusal"), "refusal: the model refused: I would"),
    ],
)
def test_a_check_fails_where_one_doesnt_answer(
    evo: Evo, monkeypatch: pytest.MonkeyPatch, behaviour: Behaviour, words: str
) -> None:
    """One that answers doesn't hide one that doesn't: the reason is told, and the exit code is 1."""
    monkeypatch.setenv("EVO_COMPATIBLE_API_KEY", SECRET)

    def script(number: int, body: dict[str, Any]) -> Behaviour:
        return Say("ready") if body["model"] == "good" else behaviour

    with Server(script) as server:
        called = evo("models", "--check", *(f"--model={server.v1}#{name}" for name in ("good", "bad")))
    assert called.exit_code == 1
    good, bad = (line for line in called.stdout.splitlines() if "ready" in line or "FAILS" in line)
    assert "ready" in good
    assert words in bad
    assert "hush" not in called.output


def test_a_model_that_thinks_too_long_can_be_reached(evo: Evo) -> None:
    """An answer that came to its limit is one all the same: key, address and name are right."""
    with Server(lambda number, body: Say("", stop="tokens")) as server:
        called = evo("models", "--check", "--model", f"{server.v1}#m")
    assert called.exit_code == 0
    assert "cut before it said anything" in called.stdout
