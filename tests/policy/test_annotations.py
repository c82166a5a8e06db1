"""Tests of which annotations can't have an effect."""

from __future__ import annotations

import ast

import pytest

from evo.policy.annotations import Harmless
from evo.policy.scopes import analyse

IMPORTS = "import uuid, typing\nfrom typing import Dict, Callable\nfrom eudoxia.workload import Segment\n"


def harmless(annotation: str, imports: str = IMPORTS) -> bool:
    """The judgement on one annotation in a module with these imports."""
    tree = ast.parse(imports)
    return Harmless(tree, analyse(tree)).is_so(ast.parse(annotation, mode="eval").body)


@pytest.mark.parametrize(
    "annotation",
    [
        "int",
        "None",
        "'anything'",
        "list[int]",
        "Dict[str, Segment]",
        "Pipeline",
        "Segment | None",
        "None | int",
        "Callable[[int], str]",
        "uuid.UUID",
        "typing.Optional[int]",
        "List[Tuple[Suspend, ...]]",
        "dict[str, list[int]]",
    ],
)
def test_harmless(annotation: str) -> None:
    """Names that are surely bound, and generics of them."""
    assert harmless(annotation)


@pytest.mark.parametrize(
    "annotation",
    [
        "Nowhere",
        "int[str]",
        "Segment[int]",
        "print(1)",
        "list[Nowhere]",
        "'A' | int",
        "None | None",
        "uuid.x.y",
        "(x := 1)",
        "Deque[int]",
        "int + str",
        "int | print()",
    ],
)
def test_not_surely_harmless(annotation: str) -> None:
    """Whatever may raise or do something when the function is defined."""
    assert not harmless(annotation)


def test_an_own_name_is_not_the_ambient_one() -> None:
    """A module that binds `Pipeline` itself may bind it later than the annotation is evaluated."""
    assert not harmless("Pipeline", "Pipeline = 3\n")
