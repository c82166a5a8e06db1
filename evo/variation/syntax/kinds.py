"""What the names and expressions of a policy stand for, guessed from how the policy uses them.

Policies have no types to rely on, but they read Eudoxia's attributes: what has `runtime_status` is a pipeline,
what has `.pipeline` leads to one, what is compared with `avail_ram_pool` is memory. A wrong guess costs a child
that fails, no more.
"""

from __future__ import annotations

import ast
from enum import Enum

from evo.policy.scopes import parameters
from evo.variation.syntax.source import Source


class Flavour(Enum):
    """The two resources that a container is given."""

    RAM = "ram"
    CPU = "cpu"


_NOT_PIPELINE = frozenset({"failed", "ops", "cpu", "ram"})
_POOL = frozenset({"avail_cpu_pool", "avail_ram_pool", "max_cpu_pool", "max_ram_pool", "active_containers"})
_MOST = {Flavour.RAM: "max_ram_pool", Flavour.CPU: "max_cpu_pool"}
_WORDS = {Flavour.RAM: {"ram", "mem", "memory"}, Flavour.CPU: {"cpu", "cpus"}}


class Kinds:
    """The guesses about one source."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._attributes: dict[str, set[str]] = {}
        self._paths: dict[str, str] = {}
        self._flavours: dict[str, Flavour] = {}
        for node in source.nodes:
            self._look(node)
        for node in source.nodes:
            self._unpack(node)
        for node in source.nodes:
            self._spread(node)

    def pipeline(self, name: str) -> str | None:
        """An expression for the pipeline that the variable `name` is or leads to; None if it doesn't seem to."""
        if name in self._paths:
            return self._paths[name]
        attributes = self._attributes.get(name, set())
        if "pipeline" in attributes:
            return f"{name}.pipeline"
        if "can_suspend_container" in attributes:
            return f"{name}.operators[0].pipeline"
        if "runtime_status" in attributes or attributes >= {"values", "priority"}:
            return name
        if "pipeline_id" in attributes and not attributes & _NOT_PIPELINE:
            return name
        return None

    def is_pool(self, name: str) -> bool:
        """Whether a variable seems to hold a resource pool."""
        return bool(self._attributes.get(name, set()) & _POOL)

    def flavour(self, node: ast.AST) -> Flavour | None:
        """The resource of which an expression seems to be an amount."""
        words = set(_word(node).split("_"))
        found = [flavour for flavour in Flavour if words & _WORDS[flavour]]
        if len(found) == 1:
            return found[0]
        return self._flavours.get(ast.unparse(node)) if isinstance(node, (ast.Name, ast.Subscript)) else None

    def most(self, flavour: Flavour, here: ast.AST) -> str | None:
        """An expression for all that a pool has of a resource, made of names that are bound at `here`."""
        pool = self.pool(here)
        return None if pool is None else f"{pool}.{_MOST[flavour]}"

    def pool(self, here: ast.AST) -> str | None:
        """An expression for the pool at hand, or else for one of the scheduler's; None without either."""
        names = self.bound(here)
        for name in reversed(names):
            if self.is_pool(name):
                return name
        scheduler = next((name for name in names if self.is_scheduler(name)), None)
        if scheduler is None:
            return None
        index = "pool_id" if "pool_id" in names else "0"
        return f"{scheduler}.executor.pools[{index}]"

    def is_scheduler(self, name: str) -> bool:
        """Whether a variable seems to hold the scheduler object that policies call `s`."""
        return bool(self._attributes.get(name, set()) & {"executor", "params"})

    def bound(self, here: ast.AST) -> list[str]:
        """The local names that surely have a value before the statement at `here`, the nearest last."""
        groups: list[list[str]] = []
        inner: ast.AST | None = self._source.statement(here)
        while inner is not None and not isinstance(inner, ast.FunctionDef):
            outer = self._source.parent.get(inner)
            groups.append([name for before in _before(outer, inner) for name in _bound_by(before)])
            if isinstance(outer, ast.For) and inner in outer.body:
                groups.append(_names(outer.target))
            inner = outer
        if inner is None:
            return []
        groups.append([arg.arg for arg in parameters(inner.args)])
        return list(dict.fromkeys(name for group in reversed(groups) for name in group))

    def _look(self, node: ast.AST) -> None:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            self._attributes.setdefault(node.value.id, set()).add(node.attr)
        match node:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value="pipeline")):
                self._paths[name] = f'{name}["pipeline"]'
            case ast.For(target=ast.Name(id=name), iter=ast.Name(id="pipelines")):
                self._paths.setdefault(name, name)

    def _unpack(self, node: ast.AST) -> None:
        """`pipeline, ops, failed = job` makes `job[0]` a way to the pipeline."""
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=parts)], value=ast.Name(id=name)):
                for place, part in enumerate(parts):
                    inner = self.pipeline(part.id) if isinstance(part, ast.Name) else None
                    if inner is not None and self.pipeline(name) is None:
                        self._paths[name] = f"{name}[{place}]"
                        return

    def _spread(self, node: ast.AST) -> None:
        """What is compared with memory, or lessened by it, is memory."""
        match node:
            case ast.Compare(left=left, comparators=[right]):
                self._pair(left, right)
            case ast.AugAssign(target=target, value=value):
                self._pair(target, value)
            case ast.Assign(targets=[target], value=value):
                self._pair(target, value)

    def _pair(self, left: ast.AST, right: ast.AST) -> None:
        for one, other in ((left, right), (right, left)):
            flavour = self.flavour(one)
            if (
                flavour is not None
                and self.flavour(other) is None
                and isinstance(other, (ast.Name, ast.Subscript))
            ):
                self._flavours.setdefault(ast.unparse(other), flavour)


def _word(node: ast.AST) -> str:
    """The last word of an expression, by which it names what it holds."""
    match node:
        case ast.Name(id=word) | ast.Attribute(attr=word) | ast.keyword(arg=str(word)):
            return word.lower()
        case ast.Subscript(slice=ast.Constant(value=str(word))):
            return word.lower()
    return ""


def _before(owner: ast.AST | None, statement: ast.AST) -> list[ast.stmt]:
    """The statements above one in its block."""
    for field in ("body", "orelse", "finalbody"):
        block = getattr(owner, field, None)
        if isinstance(block, list) and statement in block:
            return block[: block.index(statement)]
    return []


def _bound_by(statement: ast.stmt) -> list[str]:
    """The names that a simple statement binds."""
    if isinstance(statement, ast.Assign):
        return [name for target in statement.targets for name in _names(target)]
    if isinstance(statement, ast.AnnAssign) and statement.value is not None:
        return _names(statement.target)
    return []


def _names(target: ast.expr) -> list[str]:
    return [
        node.id for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
