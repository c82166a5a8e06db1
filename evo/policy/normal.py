"""The normal form of a policy, and its hash: two policies with equal hashes are the same program.

Out of the form are comments, docstrings, formatting, annotations that can't have an effect, the names of local
variables and parameters (numbered per scope in order of appearance), and the registered key. A name stays where
anything could observe it: parameters passed by keyword, everything if `locals()` and the like are in use.
"""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass, field

from evo.policy.annotations import Harmless
from evo.policy.contract import Registrations
from evo.policy.keywords import Kept
from evo.policy.scopes import AnyFunction, Comprehension, Kind, Scope, Scopes, analyse, parameters

_SKIPPED = frozenset({"ctx", "type_comment", "type_ignores", "kind"})
_SCOPED = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)
_BLOCKS = frozenset({"body", "orelse", "finalbody"})


def fingerprint(tree: ast.Module, both: Registrations | None, scopes: Scopes) -> str:
    """Hexadecimal SHA-256 of the normal form; the tree must have passed the gate, and have these scopes."""
    return hashlib.sha256(normal_form(tree, both, scopes).encode()).hexdigest()


def normal_form(tree: ast.Module, both: Registrations | None = None, scopes: Scopes | None = None) -> str:
    """The normal form as text; fields that are absent or empty are left out, whatever the Python version."""
    scopes = scopes or analyse(tree)
    form = _Form(scopes, Kept(tree, scopes), Harmless(tree, scopes))
    if both is not None:
        form.marks[both.init.decorator] = "registers-init"
        form.marks[both.scheduler.decorator] = "registers-scheduler"
    form.write(tree, scopes.module)
    return " ".join(form.out)


@dataclass(slots=True)
class _Form:
    scopes: Scopes
    kept: Kept
    harmless: Harmless
    marks: dict[ast.AST, str] = field(default_factory=dict)
    numbers: dict[tuple[Scope, str], str] = field(default_factory=dict)
    out: list[str] = field(default_factory=list)

    def name(self, name: str, scope: Scope) -> str:
        """A name as the form shows it: numbered if a function or comprehension owns it."""
        owner = scope.owner(name)
        if owner is None or owner.kind in {Kind.MODULE, Kind.CLASS} or self.kept.keeps(name, owner):
            return name
        return self.numbers.setdefault((owner, name), f"%{len(self.numbers)}")

    def write(self, node: ast.AST, scope: Scope) -> None:
        mark = self.marks.get(node)
        if mark is not None:
            self.out.append(mark)
            return
        if isinstance(node, ast.Name):
            self.out.append(self.name(node.id, scope))
        elif isinstance(node, ast.Constant):
            self.out.append(f"{type(node.value).__name__}:{node.value!r}")
        elif isinstance(node, _SCOPED):
            self._scoped(node, scope)
        elif isinstance(node, ast.AnnAssign):
            self._annotated(node, scope)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            self._import(node, scope)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            self.out.append(type(node).__name__)
            self.out.extend(sorted(self.name(name, scope) for name in node.names))
        else:
            self._fields(node, scope)

    def _scoped(self, node: ast.AST, scope: Scope) -> None:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            self._function(node, scope)
        elif isinstance(node, ast.ClassDef):
            self._class(node, scope)
        elif isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            self._comprehension(node, scope)

    def _fields(self, node: ast.AST, scope: Scope) -> None:
        self.out.append(f"({type(node).__name__}")
        for name in node._fields:
            value = getattr(node, name, None)
            if value is None or value == [] or name in _SKIPPED:
                continue
            if isinstance(value, list):
                self._list(name, value, scope)
            elif isinstance(value, ast.AST):
                self.out.append(f"{name}=")
                self.write(value, scope)
            else:
                shown = self.name(value, scope) if _is_binding(node, name) else repr(value)
                self.out.append(f"{name}={shown}")
        self.out.append(")")

    def _list(self, name: str, values: list[object], scope: Scope) -> None:
        if name in _BLOCKS:
            values = [value for value in values if not _is_idle(value)]
            if not values:
                return
        self.out.append(f"{name}=[")
        for value in values:
            if isinstance(value, ast.AST):
                self.write(value, scope)
            else:
                self.out.append(repr(value))
        self.out.append("]")

    def _function(self, node: AnyFunction | ast.Lambda, scope: Scope) -> None:
        inner = self.scopes.of[node]
        self.out.append(f"({type(node).__name__}")
        if not isinstance(node, ast.Lambda):
            self.out.append(self.name(node.name, scope))
            self._list("decorator_list", [*node.decorator_list], scope)
            self._list("type_params", getattr(node, "type_params", []), scope)
        self._parameters(node.args, inner, scope)
        if isinstance(node, ast.Lambda):
            self.write(node.body, inner)
        else:
            if node.returns is not None and not self.harmless.is_so(node.returns):
                self.out.append("->")
                self.write(node.returns, scope)
            self._list("body", [*node.body], inner)
        self.out.append(")")

    def _parameters(self, args: ast.arguments, inner: Scope, scope: Scope) -> None:
        shape = f"{len(args.posonlyargs)},{len(args.args)},{len(args.kwonlyargs)}"
        self.out.append(f"{shape},{args.vararg is not None},{args.kwarg is not None}")
        for arg in parameters(args):
            self.out.append(self.name(arg.arg, inner))
            if arg.annotation is not None and not self.harmless.is_so(arg.annotation):
                self.out.append(":")
                self.write(arg.annotation, scope)
        self._list("defaults", [*args.defaults], scope)
        self._list("kw_defaults", [*args.kw_defaults], scope)

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        self.out.append(f"(ClassDef {self.name(node.name, scope)}")
        self._list("decorator_list", [*node.decorator_list], scope)
        self._list("type_params", getattr(node, "type_params", []), scope)
        self._list("bases", [*node.bases], scope)
        self._list("keywords", [*node.keywords], scope)
        self._list("body", [*node.body], self.scopes.of[node])
        self.out.append(")")

    def _comprehension(self, node: Comprehension, scope: Scope) -> None:
        inner = self.scopes.of[node]
        self.out.append(f"({type(node).__name__}")
        for place, generator in enumerate(node.generators):
            self.out.append("async" if generator.is_async else "for")
            self.write(generator.target, inner)
            self.write(generator.iter, inner if place else scope)
            self._list("ifs", [*generator.ifs], inner)
        for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
            self.write(part, inner)
        self.out.append(")")

    def _annotated(self, node: ast.AnnAssign, scope: Scope) -> None:
        """Python evaluates annotations of variables at module and class level only."""
        dropped = scope.kind is Kind.FUNCTION or (
            scope.kind is Kind.MODULE and self.harmless.is_so(node.annotation)
        )
        if node.value is None or not dropped:
            self._fields(node, scope)
            return
        self.write(ast.Assign(targets=[node.target], value=node.value), scope)

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        self.out.append(f"({type(node).__name__}")
        if isinstance(node, ast.ImportFrom):
            self.out.append(f"{node.level} {node.module}")
        for alias in node.names:
            bound = alias.asname or alias.name.split(".")[0]
            shown = self.name(bound, scope) if alias.name != "*" else "*"
            self.out.append(f"{alias.name}>{'as' if alias.asname else ''}>{shown}")
        self.out.append(")")


def _is_idle(value: object) -> bool:
    """Whether a statement does nothing: pass, or a constant standing alone (docstrings are that)."""
    return isinstance(value, ast.Pass) or (
        isinstance(value, ast.Expr) and isinstance(value.value, ast.Constant)
    )


def _is_binding(node: ast.AST, name: str) -> bool:
    """Whether a plain string of the tree is a name that the node binds."""
    return (isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and name == "name") or (
        isinstance(node, ast.MatchMapping) and name == "rest"
    )
