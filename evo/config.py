"""What a run is asked to do: one frozen value, read from TOML, written to TOML, copied into the run at birth.

Only what decides a run's result stands here: the number of workers, folders and colours do not. A wrong value
can't be built: whoever holds a RunConfig holds a good one. Every field is read somewhere (a test asserts it).
"""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args, get_type_hints

import msgspec

from evo.errors import InputError
from evo.metric import Metric, Metrics, each


class RunConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one run is asked to do; raises InputError if a value is out of range."""

    metric: Metrics = Metric.PENALIZED
    """What is optimised: one metric, or a list of several; then the first decides what is best of a Pareto front."""
    suite: str = "quick"
    """The traces to be scored on: a suite's name or the path of its TOML file."""
    seed: int = 1
    """The one source of chance, 0 to 2**63 - 1: equal seeds and configurations give equal runs."""
    generations: int = 88
    """Generations after the first population; 0 only scores that."""
    evaluations: int | None = None
    """Stop when so many policies were scored, failed ones and all of `init` included; none given: never.

    Where a file or a command gives this and no generations, there are as many as it takes.
    """
    population: int = 4
    """Individuals that survive a generation (μ), at least 2."""
    children: int = 2
    """Individuals born in a generation (λ), twins aside."""
    tournament: int = 2
    """How many individuals compete to become a parent, 1 to `population`."""
    crossover: float = 0.3
    """The probability that a child comes from two parents; otherwise it is one parent's mutant."""
    overlap: int = 0
    """How many generations may be under way at once, besides the one that is being completed: 0 or 1.

    With 1 a child's parents lived a generation earlier, and nobody waits for the last ones of a generation.
    """
    elites: int | None = None
    """At most so many of a generation, on each island, live on beside its children; none given: all may (μ+λ)."""
    stages: bool = True
    """Run a child on no further trace when it is certain that it can't live on, whatever it would do there."""
    novelty: bool = True
    """Run a child on no further trace when there comes of it on the first what is known; it is not born then."""
    islands: int = 1
    """Parts of the population that breed apart, 1 to half of the population."""
    migration: int = 5
    """Every so many generations the children of an island may have parents from any."""
    niches: bool = False
    """Let the best of each sort of behaviour live on before the second best of any (MAP-Elites)."""
    adaptation: bool = True
    """Try those mutations and hints more often that brought improvements; choose parents at random while nothing does."""
    patience: int = 0
    """Stop after so many generations without a new best, or by several metrics a new one on the front; 0 never does."""
    target: float | None = None
    """Stop once the best reaches this value of the metric, of several the first; none given: never."""
    gap: float | None = None
    """Stop once the best misses what no policy can better by so many times, by the first metric; none given: never."""
    init: tuple[str, ...] = ()
    """The first population: stock policies' names, files, folders; none given: all stock policies."""
    models: tuple[str, ...] = ()
    """Language models that make children, as `anthropic:ID=WEIGHT`; none given: nobody is asked, and nothing paid."""
    models_policy: Literal["fixed", "bandit"] = "fixed"
    """Which of several models is asked: by weight, or rather those whose children improved most for a dollar, or a second."""
    model_share: float = 0.5
    """The probability that a child is asked of a model, if there is one; the others are varied offline."""
    strategy: Literal["evolution", "independent", "chat"] = "evolution"
    """What a model is shown: parents chosen by tournament, the same first policy each time, or one conversation."""
    answer: Literal["whole", "edits"] = "whole"
    """What a model is asked to answer with: a whole policy, or SEARCH/REPLACE edits of its parent."""
    answer_tokens: int = 16000
    """Tokens that an answer may have, thoughts included."""
    effort: str | None = None
    """How hard a model is to think (such as low, medium, high), passed on as it is; none given: as the service likes."""
    batch: bool = False
    """Ask for a generation at once, in batches that cost half and may take hours; not of a server of one's own."""
    budget: float | None = None
    """Dollars that the models may cost in all, a hard cap; none given: no cap."""
    prices: dict[str, tuple[float, float]] = {}
    """Dollars per million tokens of input and output, by model, above what is known of it."""
    hall_of_fame: int = 10
    """How many of the best are shown at the end."""
    limit_seconds: float = 60.0
    """Seconds that a policy may take on one trace; a guard for the machine, the steadier bound is `limit_work`."""
    limit_memory_mb: int = 1536
    """Megabytes that a policy's whole process may take, at least 512."""
    limit_work: int = 50_000_000
    """Steps that a policy may take on one trace; counted, so the same on every machine."""

    def __post_init__(self) -> None:
        if isinstance(self.metric, tuple) and len(self.metric) == 1:
            msgspec.structs.force_setattr(
                self, "metric", self.metric[0]
            )  # one is one, however it was written
        for key, fault in _faults(self):
            raise InputError(f"{key} {fault}")

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """All that is optimised, the first metric first."""
        return each(self.metric)

    def to_toml(self) -> str:
        """This configuration as a TOML file, one line per key that has a value, in order of definition."""
        return "".join(
            f"{key} = {_toml(value)}\n"
            for key, value in msgspec.to_builtins(self).items()
            if value is not None
        )


def parse_config(
    text: str,
    name: str,
    overrides: Mapping[str, Any] | None = None,
    unsaid: Mapping[str, Any] = MappingProxyType({}),
) -> RunConfig:
    """A configuration from TOML text; `name` is what errors call the file.

    `overrides` are values by key that stand above the text's (flags of a command); None means not given. `unsaid` are
    those of keys that the text doesn't name, where they are not the defaults. Raises InputError that names the file, the
    line and the mend.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name}: not valid TOML: {error}") from error
    given = {key: value for key, value in (overrides or {}).items() if value is not None}
    for key in [*values, *given]:
        if key not in RunConfig.__struct_fields__:
            near = difflib.get_close_matches(key, RunConfig.__struct_fields__, n=1)
            hint = (
                f"did you mean '{near[0]}'?" if near else f"known: {', '.join(RunConfig.__struct_fields__)}"
            )
            raise InputError(f"{_place(text, name, key, given)}unknown key '{key}' ({hint})")
    try:
        config = msgspec.convert({**unsaid, **values, **given}, RunConfig)
        return config if "generations" in values | given else _lasting(config)
    except msgspec.ValidationError as error:
        key, fault = _wording(error)
        raise InputError(f"{_place(text, name, key, given)}{key} {fault}") from error
    except InputError as error:
        key = str(error).split(" ", 1)[0]
        raise InputError(f"{_place(text, name, key, given)}{error}") from error


def read_config(path: Path | None = None, overrides: Mapping[str, Any] | None = None) -> RunConfig:
    """The configuration in a TOML file (all defaults without one), with `overrides` above it."""
    if path is None:
        return parse_config("", "flags", overrides)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; give a readable TOML file") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from error
    return parse_config(text, str(path), overrides)


def assigned(words: Iterable[str], name: str) -> dict[str, Any]:
    """What `KEY=VALUE` words say, values as TOML has them (a text needs no quotes); `name` is what errors begin with."""
    values: dict[str, Any] = {}
    for word in words:
        key, given, value = word.partition("=")
        if not given:
            raise InputError(f"{name}: '{word}' sets nothing; write KEY=VALUE")
        try:
            values[key] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            values[key] = value
    return values


def _lasting(config: RunConfig) -> RunConfig:
    """The same, with generations enough for its evaluations even if nine numbers in ten stay unused."""
    if config.evaluations is None:
        return config
    most = min(10 * math.ceil(config.evaluations / config.children), 10**6)
    return msgspec.structs.replace(config, generations=most)


def _faults(config: RunConfig) -> Iterator[tuple[str, str]]:
    for key, low, high in (
        ("seed", 0, 2**63 - 1),
        ("generations", 0, 10**6),
        ("evaluations", 1, 10**6),
        ("population", 2, 10**6),
        ("children", 1, 10**6),
        ("tournament", 1, config.population),
        ("islands", 1, config.population // 2),
        ("migration", 1, 10**6),
        ("elites", 0, 10**6),
        ("patience", 0, 10**6),
        ("hall_of_fame", 1, 10**6),
        ("limit_memory_mb", 512, 10**7),
        ("limit_work", 1, 10**15),
        ("crossover", 0, 1),
        ("model_share", 0, 1),
        ("answer_tokens", 256, 10**6),
        ("budget", 0, 10**9),
        ("overlap", 0, 1),
        ("limit_seconds", 0.01, 86400),
        ("gap", 1, 10**9),
    ):
        value = getattr(config, key)
        if value is not None and not low <= value <= high:
            yield key, f"must be between {low} and {high}, is {value}"
    if len(set(config.metrics)) < max(len(config.metrics), 1):
        yield "metric", "must be at least one, and none of them twice"
    if config.target is not None and not math.isfinite(config.target):
        yield "target", f"must be a finite number, is {config.target}"
    if any(not 0 <= price < math.inf for pair in config.prices.values() for price in pair):
        yield "prices", "must be dollars per million tokens, 0 or more"
    texts = [("suite", config.suite), ("effort", "none" if config.effort is None else config.effort)]
    for key in ("init", "models", "prices"):
        texts += [(key, text) for text in getattr(config, key)]
    for key, text in texts:
        if not text:
            yield key, "must not be empty"
        elif not _encodable(text):
            yield key, f"must be valid Unicode, is {text!r}"


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _wording(error: msgspec.ValidationError) -> tuple[str, str]:
    """The key that msgspec blames, and what is wrong with it in TOML's terms."""
    message, _, path = str(error).partition(" - at `$.")
    key = re.split(r"[.\[`]", path, maxsplit=1)[0]
    if key == "metric":
        return key, f"must be one of {', '.join(metric.value for metric in Metric)}, or a list of such"
    if key == "prices":
        return key, 'must be { "MODEL" = [IN, OUT] }, in dollars per million tokens'
    if message.startswith("Invalid enum value"):
        choices = get_args(get_type_hints(RunConfig)[key])
        return key, f"must be one of {', '.join(choices)}"
    return key, message.replace("Expected", "must be of type", 1)


def _place(text: str, name: str, key: str, given: Mapping[str, Any]) -> str:
    """The beginning of an error about a key: the file and its line; for a flag, nothing."""
    if key in given:
        return ""
    pattern = rf"""^[ \t]*\[*[ \t]*["']?{re.escape(key)}["']?[ \t]*(=|\.|\])"""
    match = re.search(pattern, text, re.MULTILINE)
    return f"{name}: line {text.count(chr(10), 0, match.start()) + 1}: " if match else f"{name}: "


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_toml(key)} = {_toml(item)}' for key, item in value.items())}}}"
    if isinstance(value, bool):
        return repr(value).lower()
    if isinstance(value, tuple | list):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, str):
        # A JSON string is a TOML basic string, but for DEL, which TOML wants escaped.
        return msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")
    return repr(value)
