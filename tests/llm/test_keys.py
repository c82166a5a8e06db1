"""Keys: where they are found, whom they are given to, and that nothing but their owner ever sees them."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo.errors import InputError
from evo.llm.keys import Key, find_key, keys_of, parse_env
from evo.llm.models import parse_models

SECRET = "sk-hush-hush"
MODELS = parse_models(["claude-opus-5-5", "openai:gpt-6-sol", "http://localhost:8000/v1#m"])


def test_each_service_gets_its_own_key(tmp_path: Path) -> None:
    """The environment has one, the file the other, and a server of one's own gets neither."""
    (tmp_path / ".env").write_text("OPENAI_API_KEY=sk-o\nANTHROPIC_API_KEY=ignored\n")
    keys = keys_of(MODELS, {"ANTHROPIC_API_KEY": " sk-a\n", "OPENAI_API_KEY": ""}, tmp_path)
    assert keys == {
        "anthropic": Key("sk-a", "environment"),
        "openai": Key("sk-o", ".env"),
        "compatible": Key("", "none needed"),
    }


def test_a_server_of_ones_own_may_have_a_key(tmp_path: Path) -> None:
    """Where a compatible server wants a key, it has a variable of its own."""
    environment = {"EVO_COMPATIBLE_API_KEY": "mine", "OPENAI_API_KEY": "sk-o"}
    assert keys_of(MODELS[2:], environment, tmp_path) == {"compatible": Key("mine", "environment")}


def test_what_is_missing_is_named_at_once(tmp_path: Path) -> None:
    """Whoever has no key learns all names in one line, not one after the other."""
    with pytest.raises(InputError) as caught:
        keys_of(MODELS, {}, tmp_path)
    assert str(caught.value) == (
        "no key: set ANTHROPIC_API_KEY and OPENAI_API_KEY in the environment or in a file .env here"
    )
    assert find_key("openai", {}, tmp_path) is None
    assert keys_of((), {}, tmp_path) == {}


def test_the_working_directory_is_where_the_file_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without being told, the process's environment and directory are meant."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert find_key("openai") is None
    (tmp_path / ".env").write_text("OPENAI_API_KEY=file")
    assert find_key("openai") == Key("file", ".env")
    monkeypatch.setenv("OPENAI_API_KEY", "set")
    assert find_key("openai") == Key("set", "environment")


def test_a_file_that_nobody_needs_is_not_read(tmp_path: Path) -> None:
    """Another project's odd `.env` harms nobody whose key is in the environment."""
    (tmp_path / ".env").write_bytes(b"\xff odd")
    assert find_key("openai", {"OPENAI_API_KEY": "k"}, tmp_path) == Key("k", "environment")
    with pytest.raises(InputError, match="byte 0 is not UTF-8"):
        find_key("anthropic", {}, tmp_path)


def test_a_virtual_environment_is_no_file_of_keys(tmp_path: Path) -> None:
    """A folder that is called `.env` holds no keys."""
    (tmp_path / ".env").mkdir()
    assert find_key("openai", {}, tmp_path) is None


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=plain", "plain"),
        ("A = spaced out ", "spaced out"),
        ("export A=exported", "exported"),
        ("  A='single # \\n'  # why", "single # \\n"),
        ('A="double \\" \\\\ #"', 'double " \\ #'),
        ("A=un#quoted # remark", "un#quoted"),
        ("A= # only a remark", ""),
        ("A=", ""),
        ("A=''", ""),
        ("A=it's", "it's"),
        ("A=a=b", "a=b"),
        ("A=first\nA=second", "second"),
        ("# remark\r\n\r\nA=windows\r\n", "windows"),
    ],
)
def test_lines_are_read_as_shells_read_them(line: str, value: str) -> None:
    """Quotes, `export` and remarks mean what they mean elsewhere."""
    assert parse_env(line, ".env") == {"A": value}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"A=1\n\n{SECRET}", ".env: line 3: is no variable; write NAME=value, or # before a comment"),
        (f"# a\n1A={SECRET}", ".env: line 2: is no variable; write NAME=value, or # before a comment"),
        (f"A='{SECRET}", ".env: line 1: a quote is open or text follows it; write NAME='value'"),
        (f'A="{SECRET}\\"', ".env: line 1: a quote is open or text follows it; write NAME='value'"),
        (f"A='{SECRET}'b", ".env: line 1: a quote is open or text follows it; write NAME='value'"),
    ],
)
def test_a_broken_line_is_named_but_not_shown(text: str, message: str) -> None:
    """What is wrong may be a key pasted bare, so the place is told and the text is not."""
    with pytest.raises(InputError) as caught:
        parse_env(text, ".env")
    assert str(caught.value) == message


@pytest.mark.parametrize("secret", ["sk-hush hush", "sk-hush\nx", "sk-hüsh-hush", "sk-\x00hush"])
def test_a_mangled_key_is_refused_before_it_is_sent(secret: str, tmp_path: Path) -> None:
    """No header could carry it, and the error doesn't either."""
    with pytest.raises(InputError, match=r"OPENAI_API_KEY \(environment\)") as caught:
        find_key("openai", {"OPENAI_API_KEY": secret}, tmp_path)
    assert "hush" not in "".join(traceback.format_exception(caught.value))


def test_keys_dont_show_themselves(tmp_path: Path) -> None:
    """Printed, formatted or in a container, a key tells only where it comes from; a bad file's bytes stay in it."""
    key = find_key("openai", {"OPENAI_API_KEY": SECRET}, tmp_path)
    assert key is not None
    assert key.secret == SECRET
    assert f"{key} {key!r} {[key]}".count("environment") == 3
    assert "hush" not in f"{key} {key!r} {[key]}"
    (tmp_path / ".env").write_bytes(SECRET.encode() + b"\xff")
    with pytest.raises(InputError) as caught:
        find_key("openai", {}, tmp_path)
    error: BaseException | None = caught.value
    assert error is not None
    assert error.__suppress_context__


@settings(max_examples=60)
@given(st.text(max_size=40) | st.text("A='\" #\\\nexport", max_size=40))
def test_any_file_is_read_or_refused(text: str) -> None:
    """Whatever a file holds, it ends in variables or in an error of the user's."""
    try:
        variables = parse_env(text, ".env")
    except InputError:
        return
    assert all(name.isidentifier() for name in variables)


@settings(max_examples=60)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20))
def test_a_quoted_value_comes_back(value: str) -> None:
    """Any line of ASCII can be written in double quotes, with backslashes before what needs them."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    assert parse_env(f'A="{escaped}"', ".env") == {"A": value}
