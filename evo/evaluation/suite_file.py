"""Suites by name or from the user's files, with one line of advice for everything that can be wrong in them.

A suite file is TOML: `[cluster]` holds Eudoxia's parameters, and each `[[trace]]` either `file`, a CSV beside the
TOML, or `seed` and parameters of the generator; so do `[[selection]]` and `[[test]]`. Suite and traces may have a `name`.
"""

from __future__ import annotations

import dataclasses
import difflib
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from evo.errors import InputError
from evo.evaluation.suites import BUILT_IN, ENTRIES, Suite, generated
from evo.simulator.parameters import Parameters
from evo.simulator.trace import Trace, read_trace

_SUITE_KEYS = ("name", "cluster", *ENTRIES.values())
_CLUSTER_KEYS = tuple(field.name for field in dataclasses.fields(Parameters) if field.name != "given")
_WORKLOAD_KEYS = (
    "waiting_seconds_mean",
    "num_pipelines",
    "num_operators",
    "interactive_prob",
    "query_prob",
    "batch_prob",
    "dag_linear_prob",
    "dag_branch_in_prob",
    "dag_branch_out_prob",
)


def load_suite(name_or_path: str | Path) -> Suite:
    """The built-in suite of that name, or the one in that TOML file; raises InputError."""
    if str(name_or_path) in BUILT_IN:
        return BUILT_IN[str(name_or_path)]()
    path = Path(name_or_path)
    values = _read(path)
    _check_keys(values, _SUITE_KEYS, str(path))
    cluster = values.get("cluster", {})
    if not isinstance(cluster, dict):
        raise InputError(f"{path}: cluster: write it as a table, under [cluster]")
    _check_keys(cluster, _CLUSTER_KEYS, f"{path}: [cluster]")
    parameters = Parameters.complete(cluster, where=f"{path}: [cluster]")
    traces, selection, test = (_traces(values, key, parameters, path) for key in ENTRIES.values())
    return Suite(_name(values, str(path)) or path.stem, parameters, traces, selection, test)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        names = " and ".join(BUILT_IN)
        raise InputError(f"{path}: no such file; the suites that need none are {names}") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}: give a readable TOML file") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is not UTF-8: save the file as UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"{path}: not valid TOML: {error}: mend the file there") from None


def _traces(values: Mapping[str, Any], key: str, cluster: Parameters, path: Path) -> tuple[Trace, ...]:
    """The traces that stand under this key."""
    entries = values.get(key, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise InputError(f"{path}: {key}: write each trace as a table, under [[{key}]]")
    return tuple(
        _trace(entry, cluster, path, f"{path}: [[{key}]] number {number}")
        for number, entry in enumerate(entries, start=1)
    )


def _trace(entry: Mapping[str, Any], cluster: Parameters, path: Path, where: str) -> Trace:
    if "file" in entry:
        _check_keys(entry, ("name", "file"), where, "an entry with a file has")
        return _from_file(entry, path, where)
    _check_keys(entry, ("name", "seed", *_WORKLOAD_KEYS), where, "an entry without a file has")
    if "seed" not in entry:
        raise InputError(f"{where}: give `file`, a CSV, or `seed` and parameters of the generator")
    seed = entry["seed"]
    if seed == cluster.random_seed:
        raise InputError(
            f"{where}: seed: {seed} is also the cluster's random_seed, which policies can read: give another"
        )
    workload = {key: entry[key] for key in _WORKLOAD_KEYS if key in entry}
    name = _name(entry, where) or f"seed-{seed}"
    return generated(cluster.given, {**workload, "random_seed": seed}, name, where)


def _from_file(entry: Mapping[str, Any], path: Path, where: str) -> Trace:
    file = entry["file"]
    if not isinstance(file, str) or not file:
        raise InputError(f"{where}: file: give the path of a CSV in quotes")
    place = path.parent / file
    if not place.is_file():
        raise InputError(f"{where}: file: {place} is no file: paths begin at the folder of {path.name}")
    trace = read_trace(place)
    return dataclasses.replace(trace, name=_name(entry, where) or trace.name)


def _name(table: Mapping[str, Any], where: str) -> str | None:
    name = table.get("name")
    if name is not None and not (isinstance(name, str) and name.strip() and name.isprintable()):
        raise InputError(f"{where}: name: give a text in quotes")
    return name


def _check_keys(table: Mapping[str, Any], known: Collection[str], where: str, who: str = "there are") -> None:
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"{who} {', '.join(known)}"
            raise InputError(f"{where}: unknown key {key}: {hint}")
