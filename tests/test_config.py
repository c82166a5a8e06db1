"""A configuration: what is accepted, what is refused and how, and that TOML out comes in again unchanged."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo.config import RunConfig, parse_config, read_config
from evo.errors import InputError
from evo.metric import Metric


def test_nothing_given_is_the_default() -> None:
    """An empty file asks for the same as no file."""
    assert parse_config("", "config.toml") == read_config() == RunConfig()


def test_values_are_read() -> None:
    """A user's file decides what it names and leaves the rest at the defaults."""
    config = parse_config('metric = "throughput"\ncrossover = 1\ninit = ["naive", "mine/"]\n', "config.toml")
    assert config == RunConfig(metric=Metric.THROUGHPUT, crossover=1.0, init=("naive", "mine/"))


def test_several_metrics() -> None:
    """A list of metrics keeps its order; a list of one is that one, to the byte."""
    config = parse_config('metric = ["throughput", "query-p99"]\n', "config.toml")
    assert config.metrics == (Metric.THROUGHPUT, Metric.QUERY_P99)
    assert 'metric = ["throughput", "query-p99"]\n' in config.to_toml()
    assert parse_config(config.to_toml(), "config.toml") == config
    one = parse_config("", "config.toml", {"metric": [Metric.PENALIZED]})
    assert (one, one.to_toml()) == (RunConfig(), RunConfig().to_toml())
    assert RunConfig().metrics == (Metric.PENALIZED,)


def test_flags_stand_above_the_file(tmp_path: Path) -> None:
    """A flag wins over the file; a flag that was not given (None) does not."""
    path = tmp_path / "config.toml"
    path.write_text("seed = 3\ngenerations = 7\n")
    config = read_config(
        path, {"seed": 5, "generations": None, "metric": Metric.THROUGHPUT, "init": ["naive"]}
    )
    assert config == RunConfig(seed=5, generations=7, metric=Metric.THROUGHPUT, init=("naive",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("generatons = 3", "c.toml: line 1: unknown key 'generatons' (did you mean 'generations'?)"),
        ("seed = 1\n[limits]\nseconds = 1", "c.toml: line 2: unknown key 'limits'"),
        ("seed = 1\n\n seed_ = 2", "c.toml: line 3: unknown key 'seed_'"),
        ("seed = [", "c.toml: not valid TOML: "),
        ("seed = 1\nseed = 2", "c.toml: not valid TOML: "),
        ("\nseed = 'x'", "c.toml: line 2: seed must be of type `int`, got `str`"),
        ("seed = true", "c.toml: line 1: seed must be of type `int`, got `bool`"),
        ("seed = -1", "c.toml: line 1: seed must be between 0 and 9223372036854775807, is -1"),
        ("seed = 9223372036854775808", "c.toml: line 1: seed must be between"),
        ("strategy = 'luck'", "c.toml: line 1: strategy must be one of evolution, independent, chat"),
        ("budget = -1", "c.toml: line 1: budget must be between 0 and"),
        ("seed = 1\nprices = {x = [1, -2]}", "c.toml: line 2: prices must be dollars per million tokens"),
        ("prices = 3", 'c.toml: line 1: prices must be { "MODEL" = [IN, OUT] }, in dollars'),
        ("prices = {x = 1}", 'c.toml: line 1: prices must be { "MODEL" = [IN, OUT] }, in dollars'),
        ("prices = {x = [1]}", 'c.toml: line 1: prices must be { "MODEL" = [IN, OUT] }, in dollars'),
        ("models = ['']", "c.toml: line 1: models must not be empty"),
        ("metric = 'speed'", "c.toml: line 1: metric must be one of penalized, latency, throughput"),
        ("metric = []", "c.toml: line 1: metric must be at least one, and none of them twice"),
        ("metric = ['latency', 'latency']", "c.toml: line 1: metric must be at least one, and none"),
        (
            "seed = 1\nmetric = ['latency', 'speed']",
            "c.toml: line 2: metric must be one of penalized, latency, throughput",
        ),
        ("metric = 3", "c.toml: line 1: metric must be one of penalized, latency, throughput"),
        ("population = 1", "c.toml: line 1: population must be between 2 and"),
        ("tournament = 9", "c.toml: line 1: tournament must be between 1 and 4, is 9"),
        ("evaluations = 0", "c.toml: line 1: evaluations must be between 1 and"),
        ("children = 0", "c.toml: line 1: children must be between 1 and"),
        ("crossover = 1.1", "c.toml: line 1: crossover must be between 0 and 1, is 1.1"),
        ("crossover = nan", "c.toml: line 1: crossover must be between 0 and 1, is nan"),
        ("target = inf", "c.toml: line 1: target must be a finite number, is inf"),
        ("init = [1]", "c.toml: line 1: init must be of type `str`, got `int`"),
        ("init = ['']", "c.toml: line 1: init must not be empty"),
    ],
)
def test_bad_values_are_refused(text: str, message: str) -> None:
    """A wrong file is refused in one line that names the file, the line and the key."""
    with pytest.raises(InputError) as caught:
        parse_config(text, "c.toml")
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_a_bad_flag_is_not_blamed_on_the_file() -> None:
    """A value that came from a flag names the option, not the file that lies beneath it."""
    with pytest.raises(InputError, match=r"^population must be between 2"):
        parse_config("population = 8", "c.toml", {"population": 1})


def test_no_wrong_configuration_can_be_built() -> None:
    """In a program, too, a value out of range is refused at once."""
    for wrong in ({"population": 1}, {"crossover": math.nan}, {"init": ("\ud800",)}):
        with pytest.raises(InputError):
            RunConfig(**wrong)


@pytest.mark.parametrize(("content", "message"), [(None, "No such file"), (b"\xff", "not UTF-8")])
def test_unreadable_files(tmp_path: Path, content: bytes | None, message: str) -> None:
    """A missing file and one that is no text are errors of the user's, and named."""
    path = tmp_path / "c.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=rf"c\.toml: .*{message}"):
        read_config(path)


def test_generations_give_way_to_evaluations() -> None:
    """Who asks for evaluations alone gets generations enough, also where most numbers stay unused; else what was said."""
    assert parse_config("evaluations = 200", "c.toml").generations == 1000
    assert parse_config("", "flags", {"evaluations": 200, "children": 1}).generations == 2000
    assert parse_config("evaluations = 200\ngenerations = 3", "c.toml").generations == 3
    config = parse_config("evaluations = 200\nchildren = 4", "c.toml")
    assert parse_config(config.to_toml(), "config.toml") == config


@given(
    init=st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), max_size=3),
    crossover=st.floats(0, 1),
    target=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    elites=st.none() | st.integers(0, 100),
)
def test_written_then_read(
    init: list[str], crossover: float, target: float | None, elites: int | None
) -> None:
    """Whatever a configuration holds, its TOML reads back as the same value."""
    config = RunConfig(init=tuple(init), crossover=crossover, target=target, elites=elites)
    assert parse_config(config.to_toml(), "config.toml") == config
