"""What a policy may not ask an operator: its true cost, which no scheduler can know before the operator has run.

When a policy runs none of this is there; it is refused so that whoever wrote the policy is told why. A policy's own
classes may have attributes by the same names.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from evo.policy.bindings import Element, Source, Value
from evo.policy.literals import Literals
from evo.policy.scopes import Scope

TRUE_COSTS = frozenset(
    [
        "SCALING_FUNCS",
        "baseline_cpu_seconds",
        "cpu_scaling",
        "get_cpu_time",
        "get_io_seconds",
        "get_peak_memory_gb",
        "get_seconds_until_oom",
        "get_segments",
        "memory_gb",
        "scaling_func",
        "segments",
        "storage_read_gb",
    ]
)
"""Attributes of upstream's segments and what leads to them (`eudoxia/workload/pipeline.py`)."""

_NAMES = frozenset({"op", "operator"})
_HOLDERS = frozenset({"ops", "operators", "values"})
_DEEPEST = 12  # variables that are followed from one to the next

_WHY = "an operator's true cost is not known before it ran; learn from ExecutionResult.ram and failures"
_MEND = "or from op.estimate.mem_peak_gb where there is an estimate"


class Costs:
    """Judges attributes by what they are asked of; `is_own` says which names the policy's classes define."""

    def __init__(self, literals: Literals, is_own: Callable[[str], bool]) -> None:
        self._literals = literals
        self._is_own = is_own
        self._known: dict[tuple[Scope, str, bool], bool] = {}
        self._depth = 0
        self.called: set[ast.AST] = set()
        """Attributes that are called at once, as `dict.values` is."""

    def of(self, receiver: ast.expr, name: str, node: ast.AST) -> str | None:
        """What is wrong with `node` reading an attribute of `receiver`, as far as costs go."""
        hidden = False
        if name in TRUE_COSTS:
            hidden = not self._is_own(name) or self._is_operator(receiver)
        elif name == "values" and node not in self.called:
            hidden = self._is_operator(receiver)
        return f"{name} is hidden: {_WHY}, {_MEND}" if hidden else None

    def _is_operator(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name):
            named = node.id in _NAMES and not self._is_own("values")
            return named or self._every_source(node, one=True)
        if isinstance(node, ast.Subscript):
            return not isinstance(node.slice, ast.Slice) and self._holds_operators(node.value)
        return False

    def _gives_operator(self, source: Source | None) -> bool:
        match source:
            case Element(iterated, ()):
                return self._holds_operators(iterated)
            case Value(ast.Subscript() as node):
                return self._is_operator(node)
        return False

    def _holds_operators(self, node: ast.expr) -> bool:
        match node:
            case ast.Attribute(attr=name):
                return name in _HOLDERS
            case ast.Call(func=ast.Attribute(attr="get_ops")):
                return True
            case ast.Subscript(value=value, slice=ast.Slice()):
                return self._holds_operators(value)
            case ast.Name():
                return self._every_source(node, one=False)
        return False

    def _every_source(self, node: ast.Name, *, one: bool) -> bool:
        """Whether all that a name is ever bound to is an operator, or holds operators; no, while that is being asked."""
        variable = self._literals.bindings.variable(node)
        if variable is None or self._depth >= _DEEPEST:
            return False
        key = (*variable, one)
        if key not in self._known:
            self._known[key] = False
            test = self._gives_operator if one else self._gives_operators
            self._depth += 1
            self._known[key] = all(map(test, self._literals.bindings.sources(variable)))
            self._depth -= 1
        return self._known[key]

    def _gives_operators(self, source: Source | None) -> bool:
        return isinstance(source, Value) and self._holds_operators(source.node)
