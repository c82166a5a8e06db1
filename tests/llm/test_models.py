"""How models are named: what is understood and how it is split, what is refused and how it is mended."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo.errors import InputError
from evo.llm.models import Model, parse_model, parse_models, shares


@pytest.mark.parametrize(
    ("spec", "model"),
    [
        ("anthropic:claude-opus-5-5", Model("anthropic", "claude-opus-5-5")),
        ("openai:gpt-6.1-sol=0.3", Model("openai", "gpt-6.1-sol", weight=0.3)),
        ("openai:ft:gpt-4.1:acme::b1", Model("openai", "ft:gpt-4.1:acme::b1")),
        ("claude-haiku-5-5=2", Model("anthropic", "claude-haiku-5-5", weight=2)),
        ("gpt-6-luna", Model("openai", "gpt-6-luna")),
        ("chatgpt-latest", Model("openai", "chatgpt-latest")),
        ("o3", Model("openai", "o3")),
        ("o4-mini=1e-2", Model("openai", "o4-mini", weight=0.01)),
        ("http://localhost:11434/v1#qwen2.5-coder:7b", Model("compatible", "qwen2.5-coder:7b", "http://localhost:11434/v1")),
        ("HTTPS://Example.org/openai/v1/#meta/llama=0.5", Model("compatible", "meta/llama", "https://example.org/openai/v1", 0.5)),
        ("http://[::1]:8000/v1#a#b", Model("compatible", "a#b", "http://[::1]:8000/v1")),
        ("http://localhost:8080/#m", Model("compatible", "m", "http://localhost:8080/")),
        ("http://h/v1#lora=a=1", Model("compatible", "lora=a", "http://h/v1")),
    ],
)  # fmt: skip
def test_what_is_understood(spec: str, model: Model) -> None:
    """Each form comes apart as it is meant, and what comes out names the same model again."""
    assert parse_model(spec) == model
    assert parse_model(model.spec) == model


def test_a_specification_is_told_in_its_shortest_form() -> None:
    """A weight of 1 goes without saying, unless the id has a "=" that would be taken for one."""
    assert parse_model("gpt-6-luna=1").spec == "openai:gpt-6-luna"
    assert parse_model("http://h:80/v1/#x=2.50").spec == "http://h:80/v1#x=2.5"
    assert parse_model("openai:a=b=1").spec == "openai:a=b=1"


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("", "whose model it is"),
        ("qwen2.5-coder:7b", "give anthropic:ID, openai:ID or http://HOST:PORT/v1#NAME"),
        ("google:gemini", "whose model it is"),
        ("o3000", "whose model it is"),
        ("anthropic:", "the id is missing"),
        ("openai:=2", "the id is missing"),
        ("gpt-6 luna", "has a space"),
        ("gpt-6\n", "control character"),
        ("gpt-6-luna=", "'' is no weight"),
        ("http://h/v1#lora=a", "'a' is no weight; give a number behind the last '='"),
        ("gpt-6-luna=0", "must be a positive number, is 0"),
        ("gpt-6-luna=-1", "must be a positive number, is -1"),
        ("gpt-6-luna=nan", "must be a positive number, is nan"),
        ("gpt-6-luna=inf", "must be a positive number, is inf"),
        ("http://localhost:8000/v1", "the model's name is missing; give http://HOST:PORT/v1#NAME"),
        ("http://localhost:8000/v1#", "the model's name is missing"),
        ("http://localhost:8000#m", "the URL has no path"),
        ("http:///v1#m", "the URL has no host"),
        ("http:localhost/v1#m", "the URL has no host"),
        ("http://h/v1?version=1#m=1", "the URL has a query"),
        ("http://h:70000/v1#m", "the URL of a server is broken"),
        ("http://[::1/v1#m", "the URL of a server is broken"),
    ],
)
def test_what_is_refused(spec: str, words: str) -> None:
    """What names no model is answered by one line that says how to write one."""
    with pytest.raises(InputError) as caught:
        parse_model(spec)
    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_password_in_a_url_is_refused_and_not_repeated() -> None:
    """A specification is saved with the run, so no secret may be in it, nor in the error."""
    with pytest.raises(InputError, match="EVO_COMPATIBLE_API_KEY") as caught:
        parse_model("https://me:hush-hush@example.org/v1#m")
    assert "hush" not in str(caught.value)


def test_models_keep_their_order() -> None:
    """Several models are read as they are given; the same at another weight is the same."""
    assert [model.id for model in parse_models(["gpt-6-sol", "claude-opus-5-5=3"])] == [
        "gpt-6-sol",
        "claude-opus-5-5",
    ]
    with pytest.raises(InputError, match="'openai:gpt-6-sol': is given twice; give it once"):
        parse_models(["gpt-6-sol", "claude-opus-5-5", "openai:gpt-6-sol=2"])


def test_shares_follow_the_weights() -> None:
    """Weights of 1 and 3 share the calls by quarters; no models share nothing."""
    assert shares(parse_models(["gpt-6-sol", "gpt-6-luna=3"])) == (0.25, 0.75)
    assert shares(()) == ()


ids = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12)
weights = st.floats(min_value=0, exclude_min=True, allow_infinity=False)


@settings(max_examples=60)
@given(
    st.one_of(
        st.builds(Model, st.sampled_from(("anthropic", "openai")), ids, st.none(), weights),
        st.builds(Model, st.just("compatible"), ids, st.just("http://127.0.0.1:8000/v1"), weights),
    )
)
def test_every_model_can_be_written(model: Model) -> None:
    """Whatever characters an id has and whatever its weight is, the specification gives the model back."""
    assert parse_model(model.spec) == model


@settings(max_examples=60)
@given(st.lists(weights, min_size=1, max_size=5))
def test_shares_are_whole(given_weights: list[float]) -> None:
    """Shares of any positive weights add up to 1, none of them negative or not a number."""
    parts = shares([Model("openai", str(n), weight=weight) for n, weight in enumerate(given_weights)])
    assert math.isclose(math.fsum(parts), 1)
    assert min(parts) >= 0


@settings(max_examples=100)
@given(st.text(max_size=30) | st.text("htps:/[]@#=?1.avgo-", max_size=30).map("http:".__add__))
def test_any_text_is_a_model_or_an_input_error(text: str) -> None:
    """Whatever is typed, it ends in a model that can be written again, or in an error of the user's."""
    try:
        model = parse_model(text)
    except InputError:
        return
    assert parse_model(model.spec) == model
