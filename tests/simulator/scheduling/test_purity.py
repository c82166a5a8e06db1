"""The tables of known calls are spelled right."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from evo.simulator.scheduling import cluster, nodes, pipelines, status, watch
from evo.simulator.scheduling.modules import Registry, package
from evo.simulator.scheduling.purity import CALLBACKS, CONSUMERS, EDITS_FIRST, ITERATORS, PURE, PURE_METHODS

FACADE = (
    *(nodes.Operator, pipelines.Pipeline, status.PipelineRuntimeStatus, nodes.DAG),
    *(cluster.Container, cluster.ResourcePool, cluster.Executor, watch.SimClock),
)
NEWER = {"itertools.batched"}
"""Not in the oldest Python that evo runs on."""


def found(full: str) -> Any:
    """What a full name stands for."""
    module, *rest = full.split(".")
    if module == "eudoxia":
        everything = [vars(made) for made in package(Registry()).values()]
        return next((names[rest[0]] for names in everything if rest[0] in names), None)
    value: Any = importlib.import_module(module)
    for name in rest:
        value = getattr(value, name, None)
    return value


@pytest.mark.parametrize("full", sorted({*PURE, *CALLBACKS, *CONSUMERS, *EDITS_FIRST, *ITERATORS} - NEWER))
def test_every_known_call_exists(full: str) -> None:
    """A misspelled name would prove nothing, or the wrong thing."""
    assert callable(found(full)), full


def test_iterators_give_iterators() -> None:
    """What is listed as making iterators does, and no other pure builtin does."""
    samples: dict[str, tuple[Any, ...]] = {"map": (str, [1]), "filter": (None, [1])}
    for full in PURE:
        module, _, name = full.partition(".")
        if module == "builtins" and name in {
            "iter",
            "zip",
            "enumerate",
            "reversed",
            "sorted",
            "list",
            "map",
            "filter",
            "range",
        }:
            made = found(full)(*samples.get(name, ([1],) if name != "range" else (1,)))
            assert (iter(made) is made) == (full in ITERATORS), full


def test_every_known_method_of_the_facade_is_listed() -> None:
    """Public methods of what a policy reads are known, but for those that change something."""
    methods = {
        name
        for kind in FACADE
        for name, value in vars(kind).items()
        if callable(value) and not name.startswith(("_", "evo_"))
    }
    assert methods - set(PURE_METHODS) == {"transition", "new_operator", "get_segments"}
