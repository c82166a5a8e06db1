"""Parameters: upstream's defaults, upstream's refusals, and one clear line for everything no run can use."""

from __future__ import annotations

import dataclasses
import math
import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from evo.errors import InputError
from evo.simulator.parameters import _RANGES, Parameters
from evo.simulator.stats import RunFailure


def test_what_is_not_given_has_upstreams_default() -> None:
    """All names are there: those given first, then the defaults in upstream's order."""
    parameters = Parameters.complete({"zeta": 1, "duration": 5, "alpha": [1]})
    assert list(parameters.given)[:6] == [
        "zeta",
        "duration",
        "alpha",
        "ticks_per_second",
        "waiting_seconds_mean",
        "num_pipelines",
    ]
    assert len(parameters.given) == 27
    assert parameters.duration == 5
    assert all(
        getattr(parameters, field.name) == parameters.given[field.name]
        for field in dataclasses.fields(parameters)
        if field.name != "given"
    )


def test_every_number_has_its_range() -> None:
    """No numeric parameter goes unchecked."""
    numbers = {
        field.name
        for field in dataclasses.fields(Parameters)
        if isinstance(field.default, int | float) and not isinstance(field.default, bool)
    }
    assert numbers == set(_RANGES)


def test_ticks_follow_from_seconds() -> None:
    """Products are truncated, and the tick length is the quotient from which all rounding follows."""
    parameters = Parameters.complete({"duration": 50.5, "ticks_per_second": 7, "max_job_seconds": 3.3})
    assert (parameters.max_ticks, parameters.max_job_ticks, parameters.tick_length) == (353, 23, 1.0 / 7)


def test_a_policy_sees_everything_but_the_scheduler() -> None:
    """It gets a dict of its own: what it does to it stays there."""
    parameters = Parameters.complete({"scheduler_algo": "naive", "ladder": [1.0, 0.5]})
    seen = parameters.visible
    seen["ladder"].clear()
    seen["duration"] = 1
    assert "scheduler_algo" not in seen
    assert parameters.given["ladder"] == parameters.visible["ladder"] == [1.0, 0.5]
    assert parameters.visible["duration"] == 600


def test_they_are_values() -> None:
    """They don't follow the dict they were made of, and survive the way to another process."""
    mapping: dict[str, Any] = {"ladder": [1]}
    parameters = Parameters.complete(mapping)
    mapping["ladder"].append(2)
    assert parameters.given["ladder"] == [1]
    assert pickle.loads(pickle.dumps(parameters)) == parameters
    assert hash(parameters) == hash(Parameters.complete({"ladder": [1]}))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("duration", "600", "'600' is not possible: give a number from 0 to 1e+09"),
        ("duration", -1, "-1 is not possible"),
        ("duration", True, "true is not possible"),
        ("duration", math.nan, "nan is not possible"),
        ("ticks_per_second", 0, "give a number above 0 up to 1e+09"),
        ("ticks_per_second", math.inf, "inf is not possible"),
        ("num_pools", 0, "give a whole number from 1 to 10000"),
        ("num_pools", 2.0, "2.0 is not possible: give a whole number"),
        ("cpus_per_pool", 0, "give a number above 0"),
        ("ram_gb_per_pool", -1.5, "-1.5 is not possible"),
        ("random_seed", -1, "give a whole number from 0"),
        ("random_seed", 10**30, "so large a number is not possible"),
        ("scheduler_algo", 3, "give a short text in quotes"),
        ("multi_operator_containers", 1, "give true or false"),
        ("num_pipelines", [4] * 90, "..."),
        ("mine", 2**64, "so large a number can't reach a policy"),
        ("mine", {"when": [datetime(2020, 1, 1, tzinfo=UTC)]}, "can't reach a policy: give it as text"),
    ],
)
def test_a_value_that_no_run_can_use_is_named(name: str, value: object, said: str) -> None:
    """One line: where, which parameter, what is wrong, what would be right."""
    with pytest.raises(InputError) as caught:
        Parameters.complete({name: value}, where="p.toml")
    message = str(caught.value)
    assert message.startswith(f"p.toml: {name}: ")
    assert said in message
    assert "\n" not in message


def test_a_run_longer_than_any_machine_stands_is_refused() -> None:
    """Each number may be sensible and their product not."""
    with pytest.raises(InputError, match=r"duration x ticks_per_second is 1000000000000 ticks"):
        Parameters.complete({"duration": 1e6, "ticks_per_second": 1e6})


def test_a_file_is_read_with_its_unknown_names(tmp_path: Path) -> None:
    """Names that only the policy knows stand beside Eudoxia's."""
    file = tmp_path / "p.toml"
    file.write_text(
        '# purpose\nduration = 40\nscheduler_algo = "faulty"\nfault = "none"\nladder = [0.5, 1]\n'
    )
    parameters = Parameters.read(file)
    assert (parameters.duration, parameters.scheduler_algo) == (40, "faulty")
    assert (parameters.visible["fault"], parameters.visible["ladder"]) == ("none", [0.5, 1])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            b"duration = 40\nnum_pools = = 3\n",
            "not valid TOML: Invalid value (at line 2, column 13): mend the file there",
        ),
        (b"duration = '\xff'\n", "not UTF-8 text"),
        (b"duration = nan\n", "duration: nan is not possible"),
    ],
)
def test_a_file_that_is_wrong_says_where(tmp_path: Path, content: bytes, said: str) -> None:
    """The error begins with the file's path, and gives the line where TOML breaks."""
    file = tmp_path / "p.toml"
    file.write_bytes(content)
    with pytest.raises(InputError) as caught:
        Parameters.read(file)
    assert str(caught.value).startswith(f"{file}: ")
    assert said in str(caught.value)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    """A missing file and a directory are the user's mistakes, not ours."""
    with pytest.raises(InputError, match=r"absent\.toml: no such file"):
        Parameters.read(tmp_path / "absent.toml")
    with pytest.raises(InputError, match="give a readable TOML file"):
        Parameters.read(tmp_path)


def refusal(generated: bool = True, **given: object) -> RunFailure | None:
    """What upstream refuses about `given`."""
    return Parameters.complete(given).refusal(generated=generated)


@pytest.mark.parametrize(
    ("given", "kind", "message", "tick"),
    [
        (
            {"query_prob": 0.7, "interactive_prob": 0.2, "batch_prob": 0.1},
            "AssertionError",
            "Probabilities must sum to 1",
            None,
        ),
        ({"cpu_io_ratio": 1.5}, "AssertionError", "CPU IO ratio must be between 0 and 1", None),
        ({"dag_linear_prob": -1}, "AssertionError", "DAG shape probabilities must be non-negative", -1),
        (
            {"dag_linear_prob": 0},
            "AssertionError",
            "DAG shape probabilities must have positive total mass",
            -1,
        ),
        ({"num_segs": 2}, "AssertionError", "multiple segments per op not fully supported yet", -1),
        (
            {"estimator_algo": "psychic"},
            "ValueError",
            "Unknown estimator_algo: 'psychic'. Options: ['noisy']",
            -1,
        ),
        (
            {"estimator_algo": "noisy", "noisy_estimator_sigma": -0.5},
            "ValueError",
            "sigma must be >= 0, got -0.5",
            -1,
        ),
    ],
)
def test_what_upstream_refuses_is_a_value(
    given: dict[str, Any], kind: str, message: str, tick: int | None
) -> None:
    """Upstream's own exceptions are part of what a run can come to."""
    assert refusal(**given) == RunFailure(kind, message, tick, "init")


def test_probabilities_are_added_in_upstreams_order() -> None:
    """0.7 + 0.2 + 0.1 is below 1 and 0.7 + 0.1 + 0.2 is not: only one of them runs."""
    assert refusal(interactive_prob=0.7, query_prob=0.2, batch_prob=0.1) is not None
    assert refusal(interactive_prob=0.7, query_prob=0.1, batch_prob=0.2) is None


def test_a_trace_avoids_the_generators_checks() -> None:
    """With a workload given, upstream never builds its generator."""
    assert refusal(generated=False, num_segs=2, dag_linear_prob=-1) is None
    assert refusal(generated=False, batch_prob=0.0) is not None


def test_the_first_of_several_refusals_is_upstreams_first() -> None:
    """The generator is built before the estimator, and both after the sum of probabilities."""
    wrong: dict[str, Any] = {"num_segs": 2, "estimator_algo": "psychic"}
    assert refusal(**wrong) == RunFailure(
        "AssertionError", "multiple segments per op not fully supported yet", -1, "init"
    )
    first = refusal(**wrong, batch_prob=0.0)
    assert first is not None
    assert first.message == "Probabilities must sum to 1"


def test_a_silent_estimator_ignores_its_noise() -> None:
    """Without an estimator a negative sigma is never looked at."""
    assert refusal(noisy_estimator_sigma=-1) is None
