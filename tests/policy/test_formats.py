"""Tests of which attributes a format string reads."""

from __future__ import annotations

from contextlib import suppress

import pytest

from evo.policy.formats import attributes


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("", ""),
        ("{} {{x.y}} {0} {name!r:>10}", ""),
        ("{0.a.b} {c.d!s}", "a b d"),
        ("{0[a.b].c[x].d}", "c d"),
        ("{0:{1.width}.{2.precision}}", "width precision"),
        ("{0.a} {", "a"),
        ("{0.a} }", "a"),
        ("{.a}", "a"),
    ],
)
def test_names(template: str, names: str) -> None:
    """Dots outside of brackets are attribute access, in nested specifications too."""
    assert list(attributes(template)) == names.split()


class Spy:
    """Notes what is read."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __getattr__(self, name: str) -> Spy:
        self.seen.append(name)
        return self

    def __format__(self, specification: str) -> str:
        return ""


@pytest.mark.parametrize("template", ["{0.a.b}", "{0.a:{0.b}}", "{0.a} {0.b!s:{0.c}}", "{0.x y}", "{0.a"])
def test_python_reads_no_others(template: str) -> None:
    """Whatever `str.format` itself looks up was foreseen."""
    spy = Spy()
    with suppress(ValueError):
        template.format(spy)
    assert {name for name in spy.seen if not name.startswith("__")} <= set(attributes(template))
