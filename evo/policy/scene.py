"""What the walk over a policy knows and has found so far.

The rules (`calls`, `forbidden`) ask here what an expression stands for and which texts it may be, have the reading or
writing of an attribute judged, and say what they refuse. Nothing here knows the shape of the tree.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import cached_property, partial

from evo.errors import PolicyError
from evo.policy import reserved
from evo.policy.allowed import ALLOWED, ANY_OTHER, REASONS, SUBMODULES
from evo.policy.ambient import AMBIENT
from evo.policy.costs import TRUE_COSTS, Costs
from evo.policy.formats import attributes
from evo.policy.literals import Literals, Texts
from evo.policy.origins import Origins
from evo.policy.scopes import Kind, Scope, Scopes
from evo.policy.trees import walk

Message = str | Callable[[], str]

_LONGEST = 60
WATCHED = frozenset({"getattr", "hasattr", "setattr", "delattr", "type", "isinstance", "issubclass"})
"""Builtins that are followed to where they are used."""

FORMATS = frozenset({"format", "format_map"})

_STREAMS = frozenset({"_stream", "setStream", "stderr", "stdout", "stream"})
_UNWRAPPED = frozenset({"detach", "raw"})
"""Attributes that lead from a stream to the class that opens files; without a stream they are harmless."""

_REFUSED = (
    frozenset(reserved.HARMFUL)
    | reserved.GUARDED
    | FORMATS
    | TRUE_COSTS
    | _STREAMS
    | _UNWRAPPED
    | {"evo_", "values"}
)


class Scene:
    """The state of one walk; `excused` are the nodes that a rule around them has judged already."""

    def __init__(self, tree: ast.Module, scopes: Scopes) -> None:
        self.tree = tree
        self.scopes = scopes
        self.origins = Origins(scopes, WATCHED)
        self.literals = Literals(tree, scopes)
        self.costs = Costs(self.literals, self.is_own)
        self.excused: set[ast.AST] = set()
        self.judged: set[ast.AST] = set()
        """Attributes whose names have been judged with the call around them."""
        self.bound = frozenset(name for name, _, _ in scopes.bindings)
        self._found: list[tuple[int, int, Message]] = []
        self._written_unseen: list[ast.AST] = []
        self.follows_classes = False
        """Whether something in the policy does what attributes of classes say."""
        self._unwrapped: list[ast.AST] = []
        self.streams = False
        """Whether a stream is in reach."""
        self._templates: dict[str, frozenset[str]] = {}
        self._named: dict[str, ast.AST] = {}
        """Names of attributes that are not written as such, but given as text, and where."""
        self._starts: dict[str, ast.AST] = {}
        """Beginnings of such names, where no more is known of them."""

    def refuse(self, node: ast.AST, message: Message) -> None:
        """Note what is refused; words that take time to find are found only if they are told."""
        self._found.append((getattr(node, "lineno", 0), getattr(node, "col_offset", 0), message))

    def first(self) -> PolicyError | None:
        """What stands first in the text of all that is refused."""
        if self.streams:
            for node in self._unwrapped:
                self.refuse(node, "the files behind what is printed are out of reach; use print or logging")
        if self.follows_classes:
            for node in self._written_unseen:
                mend = "write x.name = value, or keep the values in a dict"
                self.refuse(
                    node, f"an attribute is set by a computed name beside dataclasses or patterns: {mend}"
                )
        if not self._found:
            return None
        line, _, message = min(self._found, key=lambda found: found[:2])
        return PolicyError(message if isinstance(message, str) else message(), line or None, "forbidden")

    def read_by(self, template: str) -> frozenset[str]:
        """The names of attributes that a format string reads."""
        if template not in self._templates:
            self._templates[template] = frozenset(attributes(template))
        return self._templates[template]

    def texts(self, node: ast.expr) -> Texts | None:
        """Every text that an expression may be, None if that can't be seen."""
        return self.literals.texts(node)

    def read(self, receiver: ast.expr | None, name: str, node: ast.AST) -> None:
        """Judge the reading of an attribute."""
        self.streams |= name in _STREAMS
        if self._of_module(receiver, name, node):
            return
        message = reserved.read(name)
        if name in _UNWRAPPED:
            self._unwrapped.append(node)
        if message is None and name in reserved.GUARDED and not self._is_guarded(receiver, name):
            message = (
                f"the attribute {name} may not be used: on some objects it reaches out; name it otherwise"
            )
        if message is None and receiver is not None:
            message = self.costs.of(receiver, name, node)
        if message is not None:
            self.refuse(node, message)

    def read_by_text(self, receiver: ast.expr | None, name: str, node: ast.AST) -> None:
        """Judge the reading of an attribute whose name is given as a text."""
        self._named[name] = node
        if name in FORMATS or name in reserved.BY_NAME:
            self.refuse(node, f"{shown(name)} may not be taken as a value; call it where it stands")
            return
        self.read(receiver, name, node)
        modules = self.origins.modules(receiver) if receiver is not None else []
        if any(f"{module}.{name}" in SUBMODULES for module in modules):
            self.refuse(node, f"the module {name} may not be taken by name; import it")

    def begins_harmlessly(self, receiver: ast.expr | None, name: ast.expr) -> bool:
        """Whether a name that can't be seen whole begins so that it can be no attribute that is refused."""
        start = self.literals.beginning(name)
        harmless = start[:1].isalpha() and not any(word.startswith(start) for word in _REFUSED)
        if not harmless or start.startswith("evo_") or receiver is None or self._is_given(receiver):
            return False
        self._starts[start] = name
        return True

    def write(self, receiver: ast.expr, name: str, node: ast.AST) -> None:
        """Judge the writing or deleting of an attribute."""
        message: Message | None = reserved.write(name)
        if message is None and self._is_given(receiver):
            message = partial(_unchangeable, receiver, name)
        if message is not None:
            self.excused.add(receiver)
            self.refuse(node, message)

    def by_text(self, name: str) -> ast.AST | None:
        """Where an attribute of this name may be read without being written as such."""
        starting = (node for start, node in self._starts.items() if name.startswith(start))
        return self._named.get(name) or next(starting, None)

    def write_any(self, receiver: ast.expr | None, node: ast.AST) -> bool:
        """Allow the writing of attributes that can't be seen, unless something makes code or reads of what is written."""
        if receiver is None or self._is_given(receiver):
            return False
        self._written_unseen.append(node)
        return True

    def is_own(self, name: str) -> bool:
        """Whether the policy itself defines an attribute of this name."""
        return name in self._own

    def read_in(self, scope: Scope) -> frozenset[str]:
        """The names that are read directly in a class's body."""
        return self._read_in_classes.get(scope, frozenset())

    @cached_property
    def _read_in_classes(self) -> dict[Scope, frozenset[str]]:
        found: dict[Scope, set[str]] = {}
        for use in self.scopes.reads:
            if use.scope.kind is Kind.CLASS:
                found.setdefault(use.scope, set()).add(use.node.id)
        return {scope: frozenset(names) for scope, names in found.items()}

    @cached_property
    def _own(self) -> frozenset[str]:
        own = {name for name, _, scope in self.scopes.bindings if scope.kind is Kind.CLASS}
        for node in walk(self.tree):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                own.add(node.attr)
            elif isinstance(node, ast.Call) and "collections.namedtuple" in self.origins.of(node.func):
                own |= {word for text in _texts_in(node) for word in text.replace(",", " ").split()}
        return frozenset(own)

    def _of_module(self, receiver: ast.expr | None, name: str, node: ast.AST) -> bool:
        """Judge an attribute of a module; False if the receiver is none."""
        modules = [] if receiver is None else self.origins.modules(receiver)
        for module in modules:
            assert receiver is not None
            self.excused.add(receiver)
            if name not in ALLOWED[module] and f"{module}.{name}" not in SUBMODULES:
                self.refuse(node, partial(unknown_name, module, name))
        return bool(modules)

    def _is_given(self, receiver: ast.expr) -> bool:
        if self.origins.of(receiver):
            return True
        return isinstance(receiver, ast.Name) and receiver.id in AMBIENT and receiver.id not in self.bound

    def _is_guarded(self, receiver: ast.expr | None, name: str) -> bool:
        """Whether an attribute that is only dangerous on some objects is the policy's own."""
        own = isinstance(receiver, ast.Name) and receiver.id in {"self", "cls"}
        return own or (name == "dump" and receiver is not None and self.is_own(name))


def _unchangeable(receiver: ast.expr, name: str) -> str:
    whole = f"{shown(ast.unparse(receiver))}.{shown(name)}"
    return f"{whole} may not be changed: what is imported is shared; keep your own state on s"


def _texts_in(call: ast.Call) -> list[str]:
    """The texts that stand in a call's arguments."""
    nodes = [node for argument in call.args for node in walk(argument)]
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def unknown_name(module: str, name: str) -> str:
    """What is said of a name that a module doesn't have, or that is not allowed."""
    near = get_close_matches(name[:_LONGEST], ALLOWED[module], n=1, cutoff=0.75)
    reason = REASONS.get(module.split(".", maxsplit=1)[0])
    if name.startswith("_"):
        reason = "names that begin with an underscore are a module's own"
    words = [reason] if reason else []
    if near:
        words.append(f"did you mean {near[0]}?")
    elif not reason:
        words.append(f"allowed are names such as {', '.join(_some(ALLOWED[module], name))}")
    return f"{module}.{shown(name)} is not among the names that a policy may use: {'; '.join(words)}"


def unknown_module(module: str) -> str:
    """What is said of a module that may not be imported."""
    top = module.split(".", maxsplit=1)[0]
    if top in ALLOWED and top != module:
        parts = [name for name in ALLOWED if name.startswith(f"{top}.")]
        some = ", ".join(_some(parts, module)) or f"{top} itself"
        return f"{shown(module)} may not be imported: of {top} there is {some}"
    return f"{shown(module)} may not be imported: {REASONS.get(top, ANY_OTHER)}"


def shown(name: str) -> str:
    """A name as messages show it: not too long."""
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"


def _some(names: Iterable[str], wanted: str) -> list[str]:
    """Six names at most: those most like what was wanted, then any."""
    ordered = sorted(names, key=lambda name: (name.startswith("_"), name.isupper(), name))
    near = get_close_matches(wanted[:_LONGEST], ordered, n=3, cutoff=0.3)
    return [*near, *(name for name in ordered if name not in near)][:6]
