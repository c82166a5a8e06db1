"""Source text to running code: compile as "<policy>", execute in a namespace of its own, and blame its lines.

Line numbers stay those of the source. The policy's imports of `eudoxia` end in the modules made for it. Its
namespace claims this package as its module, because the standard library (dataclasses) looks that name up.
"""

from __future__ import annotations

import ast
import builtins
import traceback
import warnings
from collections.abc import Callable, Mapping
from types import CodeType, FunctionType
from typing import Any

from evo.simulator.messages import LIMITS, Fault
from evo.simulator.scheduling.actions import Assignment, Suspend

FILENAME = "<policy>"
"""The file name in the tracebacks of a policy."""

_LONGEST = 2000
_ACTIONS = (Assignment.__init__.__code__, Suspend.__init__.__code__)
"""Code in which what fails is an action that can't be made."""

MODULE = __package__
"""The module that a policy's classes and functions claim to be of."""


def parse(source: str) -> ast.Module:
    """The syntax tree of a source; raises what `ast.parse` raises."""
    with quiet():
        return ast.parse(source)


def quiet() -> warnings.catch_warnings[None]:
    """Python's opinion of a policy's style is nobody's concern."""
    return warnings.catch_warnings(action="ignore")


def compiled(tree: ast.Module) -> CodeType:
    """The code of a policy's module; raises what `compile` raises."""
    with quiet():
        return compile(tree, FILENAME, "exec", dont_inherit=True)


def execute(code: CodeType, names: Mapping[str, Any], find: Callable[..., Any]) -> dict[str, Any]:
    """Run a policy's module and return its namespace; raises whatever the policy raises.

    `names` are in scope from the start, and `find` stands in for `__import__`.
    """
    namespace = {
        "__name__": MODULE,
        "__builtins__": {**vars(builtins), "__import__": find},
        **names,
    }
    exec(code, namespace)  # noqa: S102 - running the policy is what this room is for
    return namespace


def is_policys(function: FunctionType) -> bool:
    """Whether a function's code stands in the policy's source."""
    return function.__code__.co_filename == FILENAME


def blame(phase: str, error: BaseException, *, action: bool = False) -> Fault:
    """The fault that an exception of the policy is: its type, its text, and the policy's deepest line."""
    walked = list(traceback.walk_tb(error.__traceback__))
    lines = [line for frame, line in walked if frame.f_code.co_filename == FILENAME]
    if not lines and isinstance(error, SyntaxError) and error.lineno is not None:
        lines = [error.lineno]
    kind = type(error).__name__
    return Fault(
        phase,
        f"{kind} of the policy" if kind in LIMITS else kind,  # a class of its own may be called anything
        _text(error),
        lines[-1] if lines else None,
        action=action or any(frame.f_code in _ACTIONS for frame, _ in walked),
    )


def _text(error: BaseException) -> str:
    try:
        text = error.msg if isinstance(error, SyntaxError) else str(error)
        return str(text)[:_LONGEST]
    except BaseException:  # noqa: BLE001 - the policy's own class may do anything when turned into text
        return ""
