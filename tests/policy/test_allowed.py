"""Tests of the table of what may be imported, against what the modules hold."""

from __future__ import annotations

import importlib
import importlib.util
from types import ModuleType
from typing import Any

import pytest

from evo.policy import reserved
from evo.policy.allowed import ALLOWED, STARRED, SUBMODULES
from evo.policy.calls import RULES
from evo.policy.eudoxia import EUDOXIA
from evo.simulator.scheduling.modules import Registry, package

INSTALLED = sorted(module for module in ALLOWED if module not in EUDOXIA)


def test_eudoxia_is_what_is_served() -> None:
    """The gate knows exactly the modules and names that the host gives a policy."""
    served = package(Registry())
    assert served.keys() == EUDOXIA.keys()
    for name, module in served.items():
        names = {word for word, value in vars(module).items() if not word.startswith("__")}
        assert names - {word for word in names if f"{name}.{word}" in served} == ALLOWED[name]


@pytest.mark.parametrize("module", INSTALLED)
def test_no_name_is_a_module(module: str) -> None:
    """What is allowed of a module is no door to another one."""
    held = importlib.import_module(module)
    for name in ALLOWED[module]:
        value: Any = vars(held).get(name)
        assert not isinstance(value, ModuleType) or f"{module}.{name}" in SUBMODULES
        assert reserved.read(name) is None


@pytest.mark.parametrize("module", INSTALLED)
def test_most_names_are_there(module: str) -> None:
    """The table has no names but those that some supported version has: most of them are in this one."""
    held = importlib.import_module(module)
    missing = [name for name in ALLOWED[module] if name not in dir(held)]
    assert len(missing) <= max(5, len(ALLOWED[module]) // 10)


@pytest.mark.parametrize("module", sorted(STARRED - EUDOXIA.keys()))
def test_stars(module: str) -> None:
    """A star brings in nothing that couldn't be named, and nothing that has rules of its own."""
    held = vars(importlib.import_module(module))
    given = set(held.get("__all__", [name for name in held if not name.startswith("_")]))
    assert given <= ALLOWED[module]
    assert not {f"{module}.{name}" for name in given} & RULES.keys()


def test_rules_are_about_what_is_allowed() -> None:
    """A rule for a function that nobody can name would never be asked."""
    for origin in RULES:
        module, _, name = origin.rpartition(".")
        assert module == "builtins" or name in ALLOWED[module]
