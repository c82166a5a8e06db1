"""Which code only tells or measures something: prints, logs, clocks, and what is made of them.

Such code can go without a trace in how a policy schedules, as long as nothing reads what it leaves behind; who reads
what is for others to find out (`needless`). Calls count as harmless by a list of names, everything else is not.
"""

from __future__ import annotations

import ast
from collections.abc import Set as AbstractSet

from evo.policy.scopes import BUILTINS, Scope, Scopes
from evo.policy.trees import walk

Variable = tuple[Scope, str]

_MODULES = frozenset(
    [
        *("colorama", "datetime", "faulthandler", "logging", "loguru", "pprint", "pstats", "cProfile"),
        *("structlog", "time", "timeit", "traceback", "tracemalloc", "warnings"),
    ]
)
"""Modules of which nothing but tellers and clocks come."""

_ORIGINS = frozenset(
    [
        *(
            "csv.writer",
            "csv.DictWriter",
            "gc.collect",
            "gc.disable",
            "gc.enable",
            "gc.freeze",
            "json.dump",
            "json.dumps",
            "pickle.dump",
            "os.makedirs",
        ),
        *("os.path.basename", "os.path.dirname", "os.path.join", "sys.getsizeof", "sys.setrecursionlimit"),
        *("sys.stderr", "sys.stdout"),
    ]
)
"""Of other modules, only these."""

_BUILTINS = frozenset(
    [
        *(
            "abs",
            "all",
            "any",
            "bool",
            "dict",
            "enumerate",
            "float",
            "format",
            "getattr",
            "hasattr",
            "id",
            "int",
        ),
        *("isinstance", "len", "list", "max", "min", "open", "print", "range", "repr", "reversed", "round"),
        *("set", "sorted", "str", "sum", "tuple", "type", "zip"),
    ]
)
_LOOKING = frozenset(
    [
        *(
            "copy",
            "count",
            "format",
            "get",
            "get_ops",
            "index",
            "is_pipeline_successful",
            "isoformat",
            "items",
            "join",
            "keys",
        ),
        *(
            "ljust",
            "lower",
            "now_seconds",
            "now_ticks",
            "rjust",
            "runtime_status",
            "split",
            "strftime",
            "strip",
            "title",
        ),
        *("total_seconds", "upper", "values"),
    ]
)
"""Methods that change nothing."""

_LOGGERS = frozenset({"log", "logger", "logging"})
_LOGGING = frozenset(
    [
        *("addHandler", "critical", "debug", "error", "exception", "fatal", "info", "log", "removeHandler"),
        *("setLevel", "warn", "warning"),
    ]
)
_QUIET = (ast.Await, ast.NamedExpr, ast.Yield, ast.YieldFrom)
_FIXED = (ast.Constant, ast.JoinedStr)
_LONGEST_CHAIN = 5


class Telling:
    """Judges the code of one module."""

    def __init__(self, tree: ast.Module, scopes: Scopes) -> None:
        self._scopes = {use.node: use.scope for use in scopes.reads}
        self._bound = frozenset(name for name, _, _ in scopes.bindings)
        self._origins: dict[Variable, str] = {}
        self._made: set[Variable | str] = set()
        """Variables, and names of attributes, that only ever hold what tellers gave, or what nobody can change."""
        values = _values(tree)
        sources: dict[Variable | str, list[ast.expr | None]] = {}
        for name, node, scope in scopes.bindings:
            variable = scope.owner(name) or scope, name
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                self._origins[variable] = _origin(node, name)
            sources.setdefault(variable, []).append(values.get(node))
        for node in walk(tree):
            if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                sources.setdefault(node.attr, []).append(values.get(node))
        for _ in range(_LONGEST_CHAIN):
            self._made |= {key for key, found in sources.items() if all(map(self._makes, found))}

    def variable(self, node: ast.Name) -> Variable | None:
        """The variable that is read by a name; None if it is a builtin or isn't read."""
        scope = self._scopes.get(node)
        owner = None if scope is None else scope.owner(node.id)
        return None if owner is None else (owner, node.id)

    def tells(self, node: ast.expr) -> bool:
        """Whether an expression that stands alone is a call that only tells."""
        return isinstance(node, ast.Call) and self._is_teller(node.func) and self.is_harmless(node)

    def is_harmless(self, node: ast.AST | None) -> bool:
        """Whether an expression may be left out: all that it calls only tells, measures or looks."""
        for part in walk(node) if node is not None else ():
            if isinstance(part, _QUIET) or (isinstance(part, ast.Call) and not self._is_harmless_call(part)):
                return False
        return True

    def _makes(self, value: ast.expr | None) -> bool:
        return isinstance(value, _FIXED) or (isinstance(value, ast.Call) and self._is_teller(value.func))

    def measures(self, node: ast.AST, lost: AbstractSet[Variable | str]) -> bool:
        """Whether a teller is called in a piece of code, or something is read that is lost."""
        for part in walk(node):
            if isinstance(part, ast.Call) and self._is_teller(part.func):
                return True
            if isinstance(part, ast.Name) and self.variable(part) in lost:
                return True
            if isinstance(part, ast.Attribute) and part.attr in lost:
                return True
        return False

    def _is_harmless_call(self, call: ast.Call) -> bool:
        function = call.func
        if isinstance(function, ast.Name) and function.id in (_BUILTINS & BUILTINS) - self._bound:
            return True
        if isinstance(function, ast.Attribute) and function.attr in _LOOKING:
            return bool(call.args) or function.attr != "get"
        return self._is_teller(function)

    def _is_teller(self, function: ast.expr) -> bool:
        """Whether a function comes from a module that tells, from a logger, or from what one of them made."""
        if isinstance(function, ast.Name) and function.id in {"print", "open"} - self._bound:
            return True
        if isinstance(function, ast.Attribute) and function.attr in _LOGGING:
            owner = function.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            if name.strip("_").lower() in _LOGGERS:
                return True
        return self._comes_from_one(function)

    def _comes_from_one(self, node: ast.expr) -> bool:
        names: list[str] = []
        while isinstance(node, (ast.Attribute, ast.Call)):
            if isinstance(node, ast.Attribute):
                names.append(node.attr)
                if node.attr in self._made:
                    return True
                node = node.value
            else:
                node = node.func
        if not isinstance(node, ast.Name):
            return False
        variable = self.variable(node)
        if variable is None:
            return node.id == "open"
        if variable in self._made:
            return True
        origin = ".".join([self._origins.get(variable, ""), *reversed(names)])
        return origin.split(".")[0] in _MODULES or any(
            f"{origin}.".startswith(f"{known}.") for known in _ORIGINS
        )


def _values(tree: ast.Module) -> dict[ast.AST, ast.expr]:
    """What is assigned to each name and attribute, and what a `with` has before its `as`."""
    values: dict[ast.AST, ast.expr] = {}
    for node in walk(tree):
        match node:
            case ast.Assign(targets=targets, value=value):
                values.update(dict.fromkeys(targets, value))
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                values[target] = value
            case ast.AugAssign(target=target, value=value):
                values[target] = value
            case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
                values[target] = value
    return values


def _origin(node: ast.Import | ast.ImportFrom, name: str) -> str:
    """The dotted name of what an import binds to a name."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom) and name == (alias.asname or alias.name):
            return f"{'.' * node.level}{node.module or ''}.{alias.name}"
        if isinstance(node, ast.Import) and name == alias.asname:
            return alias.name
    return name
