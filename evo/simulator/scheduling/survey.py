"""What the names in a policy's source mean, before anything runs.

Resolves names to full names ("math.floor") or to the policy's own functions and classes. Where a name could mean two
things it means nothing.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from functools import cached_property

from evo.simulator.scheduling.purity import HARMLESS
from evo.simulator.scheduling.scopes import Scope, Scopes, bound_by, own_nodes
from evo.simulator.scheduling.trees import children, walk

_GIVEN = {
    **dict.fromkeys(("Assignment", "Suspend", "ExecutionResult", "Priority", "OperatorState"), "eudoxia"),
    **dict.fromkeys(("register_scheduler", "register_scheduler_init", "ASSIGNABLE_STATES"), "eudoxia"),
    **dict.fromkeys(("Pipeline", "Operator"), "eudoxia"),
    **dict.fromkeys(("List", "Tuple", "Dict", "Optional"), "typing"),
}
_BUILTINS = frozenset(dir(builtins))
_REGISTER = frozenset({"eudoxia.register_scheduler", "eudoxia.register_scheduler_init"})
_LOGGING_SETUP = frozenset(
    {"addHandler", "addFilter", "handlers", "filters", "handle", "makeRecord", "manager"}
)
_LOGGING_PLAIN = frozenset(
    {
        *("getLogger", "Logger", "debug", "info", "warning", "error", "critical", "exception", "log"),
        *("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
    }
)
_PARTS = frozenset(name.rpartition(".")[2] for name in HARMLESS)
_NAMING = frozenset({"setattr", "namedtuple", "NamedTuple"})


class Survey:
    """The names of a policy's module."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.nodes: list[ast.AST] = [tree]
        self.parents: dict[ast.AST, ast.AST] = {}
        for node in self.nodes:
            below = children(node)
            self.nodes += below
            self.parents |= dict.fromkeys(below, node)
        self.scopes = Scopes(tree)
        self.module = self.scopes.module
        self._rebound = {name for scope in self.scopes.all for name in scope.elsewhere}
        self._defined = {
            node.name: node
            for node in self.module.nodes
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and self._bindings(node.name) == 1
        }
        self.imported = dict(self._imports())

    def _bindings(self, name: str) -> int:
        """How often the module binds a name; 0 if functions do it too."""
        return 0 if name in self._rebound else len(self.module.bindings.get(name, ()))

    def _imports(self) -> Iterator[tuple[str, str]]:
        """What the module's own imports bind, where nothing else binds the same name."""
        found: dict[str, list[str]] = {}
        for node in self.module.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    full = alias.name if alias.asname else alias.name.partition(".")[0]
                    found.setdefault(alias.asname or full, []).append(full)
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    full = _short(f"{node.module}.{alias.name}")
                    found.setdefault(alias.asname or alias.name, []).append(full)
        for name, fulls in found.items():
            if len(set(fulls)) == 1 and len(fulls) == self._bindings(name):
                yield name, fulls[0]

    @cached_property
    def stored(self) -> frozenset[str]:
        """Attributes that the source stores anywhere: a method of such a name may be anything."""
        names = {
            n.attr for n in self.nodes if isinstance(n, ast.Attribute) and not isinstance(n.ctx, ast.Load)
        }
        for node in self.nodes:
            if isinstance(node, ast.ClassDef):
                names.update(name for part in own_nodes(node) for name in _class_attributes(part))
            elif isinstance(node, ast.Call) and last_name(node.func) in _NAMING:
                words = [
                    n.value for n in walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)
                ]
                names.update(name for word in words for name in word.replace(",", " ").split())
        return frozenset(names)

    @cached_property
    def methods(self) -> dict[str, list[ast.FunctionDef]]:
        """The plain methods of the policy's classes by name."""
        found: dict[str, list[ast.FunctionDef]] = {}
        for node in self.nodes:
            if isinstance(node, ast.FunctionDef) and isinstance(self.parents[node], ast.ClassDef):
                found.setdefault(node.name, []).append(node)
        return found

    @cached_property
    def modules(self) -> frozenset[str]:
        """Modules that the source imports, or imports from, anywhere."""
        names = {alias.name for node in self.nodes if isinstance(node, ast.Import) for alias in node.names}
        return frozenset(names | {n.module or "." for n in self.nodes if isinstance(n, ast.ImportFrom)})

    @cached_property
    def aliases(self) -> dict[str, bool]:
        """Names that any import in the source binds; True where they stand for a module."""
        found: dict[str, bool] = {}
        for node in self.nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                for alias in node.names:
                    name = alias.asname or alias.name.partition(".")[0]
                    found[name] = is_module(node, alias) or found.get(name, False)
        return found

    @cached_property
    def logs_plainly(self) -> bool:
        """Whether the source uses `logging` for nothing but writing messages."""
        if "logging" not in self.modules or not _LOGGING_SETUP.isdisjoint(
            node.attr for node in self.nodes if isinstance(node, ast.Attribute)
        ):
            return False
        names = {
            f"logging.{n.attr}"
            for n in self.nodes
            if isinstance(n, ast.Attribute) and self._is_logging(n.value)
        }
        names |= {full for full in self.imported.values() if full.startswith("logging.")}
        return all(name.rpartition(".")[2] in _LOGGING_PLAIN for name in names)

    def _is_logging(self, expr: ast.expr) -> bool:
        return isinstance(expr, ast.Name) and self.imported.get(expr.id) == "logging"

    def defined(self, expr: ast.expr, scope: Scope) -> ast.FunctionDef | ast.ClassDef | None:
        """The function or class of the module that a name surely means."""
        if isinstance(expr, ast.Name) and scope.holder(expr.id) is self.module:
            return self._defined.get(expr.id)
        return None

    def meaning(self, expr: ast.expr, scope: Scope) -> str | None:
        """The full name of a builtin, or of something imported; None for anything else."""
        if isinstance(expr, ast.Attribute):
            base = self.meaning(expr.value, scope)
            return None if base is None else _short(f"{base}.{expr.attr}")
        if not isinstance(expr, ast.Name):
            return None
        holder = scope.holder(expr.id)
        if holder is self.module:
            return self.imported.get(expr.id)
        if holder is not None or expr.id in self._rebound:
            return None
        if expr.id in _GIVEN:
            return f"{_GIVEN[expr.id]}.{expr.id}"
        return f"builtins.{expr.id}" if expr.id in _BUILTINS else None

    def local_function(self, expr: ast.expr, scope: Scope) -> bool:
        """Whether a name only ever means functions written inside the function that binds it."""
        holder = scope.holder(expr.id) if isinstance(expr, ast.Name) else None
        if holder is None or holder is self.module or not isinstance(expr, ast.Name):
            return False
        plain = [
            node
            for node in holder.nodes
            if isinstance(node, ast.FunctionDef) and node.name == expr.id and not node.decorator_list
        ]
        values = holder.bindings[expr.id]
        lambdas = [value for value in values if isinstance(value, ast.Lambda)]
        return len(plain) + len(lambdas) == len(values) and expr.id not in self._rebound

    def undecorated(self, function: ast.FunctionDef) -> bool:
        """Whether calling the function by its name runs its body and nothing else."""
        return all(
            isinstance(d, ast.Call) and self.meaning(d.func, self.module) in _REGISTER
            for d in function.decorator_list
        )


def is_module(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> bool:
    """Whether an import binds a name to a whole module, as far as its name tells."""
    return isinstance(node, ast.Import) or (alias.name in _PARTS and alias.name != node.module)


def last_name(expr: ast.expr) -> str | None:
    """The last part of a dotted name."""
    if isinstance(expr, ast.Attribute):
        return expr.attr
    return expr.id if isinstance(expr, ast.Name) else None


def _short(full: str) -> str:
    """Upstream's names are the same wherever they are imported from."""
    return f"eudoxia.{full.rpartition('.')[2]}" if full.startswith("eudoxia.") else full


def _class_attributes(node: ast.AST) -> Iterator[str]:
    """What a node in a class's body binds, but for its methods."""
    if isinstance(node, ast.FunctionDef):
        if any(last_name(d) not in {"staticmethod", "classmethod"} for d in node.decorator_list):
            yield node.name
    else:
        yield from (name for name, _ in bound_by(node))
