"""Tests of the two rewrites: another key, and a module that stands alone."""

from __future__ import annotations

import ast

import pytest

from evo.errors import PolicyError
from evo.policy import parse, rename_key, standalone
from evo.policy.ambient import AMBIENT, UPSTREAM_KEYS
from evo.policy.scopes import analyse

from .samples import SHORT, SOURCES, STOCK


@pytest.mark.parametrize("source", SOURCES)
def test_another_key(source: str) -> None:
    """Only the key changes: not the hash, and not a character beside it."""
    policy = parse(source)
    renamed = rename_key(policy, "another")
    assert renamed.key == "another"
    assert renamed.hash == policy.hash
    assert renamed == parse(renamed.source)
    assert renamed.source.replace('"another"', f'"{policy.key}"') == source


def test_a_key_with_quotes_and_accents_around() -> None:
    """Columns count bytes in the syntax tree, and keys may need escaping."""
    source = SHORT.replace('(key="short")', '(  # é\n    key=("short"),  # é\n)', 1)
    renamed = rename_key(parse(source), 'a "quoted" \\ key')
    assert renamed.key == 'a "quoted" \\ key'
    assert renamed.source.count("# é") == 2


def test_a_key_that_is_none() -> None:
    """An empty key is refused as in any policy."""
    with pytest.raises(PolicyError, match="printable"):
        rename_key(parse(SHORT), "")


@pytest.mark.parametrize("source", SOURCES)
def test_nothing_is_missing(source: str) -> None:
    """Alone, a policy binds every name that it reads, and its key is none of upstream's."""
    text = standalone(parse(source))
    assert not list(analyse(ast.parse(text)).unbound())
    assert parse(text).key not in UPSTREAM_KEYS


def test_imports_stand_behind_the_opening() -> None:
    """Docstring, future imports and comments keep their places."""
    opening = '# A comment.\n"""Words."""\nfrom __future__ import annotations\n'
    text = standalone(parse(opening + "# Why.\n" + SHORT))
    assert text == (
        opening
        + "from eudoxia.scheduler.decorators import register_scheduler_init, register_scheduler\n"
        + "from eudoxia.executor.assignment import Assignment\n"
        + "from eudoxia.workload.runtime_status import ASSIGNABLE_STATES\n"
        + "\n# Why.\n"
        + SHORT
    )


def test_what_stands_alone_already() -> None:
    """A policy with its own imports and key isn't touched."""
    path = next(path for path in STOCK if path.stem == "naive")
    policy = rename_key(parse(path.read_text(encoding="utf-8")), "mine")
    assert standalone(policy) == policy.source


def test_ambient_names_are_those_in_scope() -> None:
    """Export knows exactly the names that policies are given when they run."""
    from evo.simulator.scheduling.modules import Registry, scope

    assert set(scope(Registry())) == set(AMBIENT)
