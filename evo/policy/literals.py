"""Which texts an expression of a policy may have as its value, where that can be seen without running it.

Seen are literals, what is put together from them, names that are only ever bound to such, loops over displays of them,
and parameters of functions that are only ever called with them. Everything else is unknown, which is always a right
answer. Work is bounded: after so many steps all is unknown.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from itertools import product

from evo.policy.bindings import Bindings, Element, Parameter, Value
from evo.policy.reserved import BY_NAME
from evo.policy.scopes import Scopes

Texts = frozenset[str]

_MOST_TEXTS = 64
_MOST_STEPS = 20_000
_LONGEST = 1000
_DEEPEST = 30
_KEEPING = frozenset({"frozenset", "list", "reversed", "set", "sorted", "tuple"})
"""Builtins that give what they are given, in some order."""

_NUMBERING = frozenset({"enumerate"})
_DISPLAYS = (ast.Tuple, ast.List, ast.Set, ast.Dict)


class Literals:
    """The texts of one module's expressions."""

    def __init__(self, tree: ast.Module, scopes: Scopes) -> None:
        self._tree = tree
        self._scopes = scopes
        self._known: Bindings | None = None
        self._left = _MOST_STEPS
        self._depth = 0
        self._open: set[object] = set()

    @property
    def assumed(self) -> set[str]:
        """Names of methods that were taken to be called where they are named, and nowhere else."""
        return set() if self._known is None else self._known.assumed

    @property
    def bindings(self) -> Bindings:
        """Where names get their values; found out when first asked for."""
        if self._known is None:
            self._known = Bindings(self._tree, self._scopes)
        return self._known

    def texts(self, node: ast.expr) -> Texts | None:
        """Every text that the expression may be; None if it may be another, or no text at all."""
        self._left -= 1
        if self._left < 0 or self._depth > _DEEPEST:
            return None
        self._depth += 1
        found = self._texts(node)
        self._depth -= 1
        return found

    def templates(self, node: ast.expr) -> Texts | None:
        """As `texts`, and what the text assigns to an attribute: enough for what only makes text of objects."""
        values = self.bindings.attribute_values(node.attr) if isinstance(node, ast.Attribute) else None
        return self.texts(node) if values is None else self._any(values)

    def words(self, node: ast.expr) -> Texts | None:
        """The words in a text, or in the texts of a display: both ways in which names are given to namedtuple."""
        texts = self.texts(node)
        if texts is None:
            texts = self._all(self._elements(node, ()))
        return (
            None
            if texts is None
            else frozenset(word for text in texts for word in text.replace(",", " ").split())
        )

    def beginning(self, node: ast.expr) -> str:
        """The literal text with which the value of an expression begins; "" if that can't be seen."""
        match node:
            case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
                return text
            case ast.BinOp(left=left, op=ast.Add()):
                return self.beginning(left)
            case ast.Constant(value=str(text)):
                return text
        return ""

    def _texts(self, node: ast.expr) -> Texts | None:
        match node:
            case ast.Constant(value=str(text)):
                return frozenset({text})
            case ast.Name(ctx=ast.Load()):
                return self._named(node)
            case ast.Subscript() | ast.Call():
                return self._all(self._looked_up(node))
        return self._combined(node)

    def _combined(self, node: ast.expr) -> Texts | None:
        """The texts of what has others in it."""
        match node:
            case ast.IfExp(body=first, orelse=second):
                return self._any([first, second])
            case ast.BoolOp(values=values):
                return self._any(values)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._joined([left, right])
            case ast.JoinedStr(values=values):
                return self._joined(values)
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                return self.texts(value)
        return None

    def _looked_up(self, node: ast.Subscript | ast.Call) -> list[ast.expr] | None:
        """What may stand at a place of a display, or under a key of one."""
        match node:
            case ast.Subscript(value=value):
                return self._members(value, of_dict="values")
            case ast.Call(func=ast.Attribute(value=value, attr="get"), args=[_, *others], keywords=[]):
                members = self._members(value, of_dict="values", dict_only=True)
                return None if members is None else [*members, *others]
        return None

    def _any(self, nodes: Iterable[ast.expr]) -> Texts | None:
        """The texts of all these together."""
        found: set[str] = set()
        for node in nodes:
            texts = self.texts(node)
            if texts is None or len(found) > _MOST_TEXTS:
                return None
            found |= texts
        return frozenset(found)

    def _all(self, nodes: list[ast.expr] | None) -> Texts | None:
        return None if nodes is None else self._any(nodes)

    def _joined(self, nodes: list[ast.expr]) -> Texts | None:
        """Texts put together from those of the parts; nothing is put together from itself."""
        count, length = 1, 0
        parts: list[Texts] = []
        for node in nodes:
            texts = self._apart(node)
            if texts is None:
                return None
            parts.append(texts)
            count *= len(texts)
            length += max(map(len, texts), default=0)
            if count > _MOST_TEXTS or length > _LONGEST:
                return None
        return frozenset("".join(chosen) for chosen in product(*parts))

    def _apart(self, node: ast.expr) -> Texts | None:
        """The texts of a part; a name that is being followed already would grow with each turn of a loop."""
        followed, self._open = self._open, {*self._open, "joined"}
        texts = self.texts(node)
        self._open = followed
        return texts

    def _named(self, node: ast.Name) -> Texts | None:
        """The texts of a name: those of all its bindings."""
        variable = self.bindings.variable(node)
        if variable is None:
            return None
        if variable in self._open:
            return None if "joined" in self._open else frozenset()
        followed, self._open = self._open, {*self._open, variable}
        found: set[str] = set()
        for source in self.bindings.sources(variable):
            texts = self._of_source(source)
            if texts is None or len(found) > _MOST_TEXTS:
                self._open = followed
                return None
            found |= texts
        self._open = followed
        return frozenset(found)

    def _of_source(self, source: Value | Element | Parameter | None) -> Texts | None:
        match source:
            case Value(node):
                return self.texts(node)
            case Element(iterated, path):
                return self._all(self._elements(iterated, path))
            case Parameter():
                return self._of_parameter(source)
        return None

    def _of_parameter(self, parameter: Parameter) -> Texts | None:
        function = parameter.function
        if parameter.variadic:
            return None
        if function.name in BY_NAME and self.bindings.is_method(function):
            # Python itself passes the name that stands in an attribute access, and that is looked at there.
            return frozenset() if parameter.position == 1 and not function.decorator_list else None
        return self._all(self.bindings.arguments(parameter))

    def _elements(self, node: ast.expr, path: tuple[int, ...]) -> list[ast.expr] | None:
        """The expressions that a loop over `node` gives, or those at a place inside each of them."""
        if isinstance(node, ast.Call):
            return self._elements_of_call(node, path)
        members = self._members(node, of_dict="keys")
        for place in path:
            if members is None:
                return None
            inner_members = [_at(member, place) for member in members]
            members = [member for member in inner_members if member is not None]
            if len(members) < len(inner_members):
                return None
        return members

    def _elements_of_call(self, node: ast.Call, path: tuple[int, ...]) -> list[ast.expr] | None:
        """As `_elements`, for the few functions and methods that give what is in their argument or object."""
        match node:
            case ast.Call(func=function, args=[inner, *_]) if self.bindings.is_builtin(function, _KEEPING):
                return self._elements(inner, path)
            case ast.Call(func=function, args=[inner, *_]) if self.bindings.is_builtin(function, _NUMBERING):
                return self._elements(inner, path[1:]) if path[:1] == (1,) else None
            case ast.Call(func=ast.Attribute(value=inner, attr="items"), args=[]) if path in {(0,), (1,)}:
                return self._members(inner, of_dict="values" if path[0] else "keys", dict_only=True)
            case ast.Call(func=ast.Attribute(value=inner, attr="keys" | "values" as which), args=[]) if (
                not path
            ):
                return self._members(inner, of_dict=which, dict_only=True)
        return None

    def _members(self, node: ast.expr, of_dict: str, *, dict_only: bool = False) -> list[ast.expr] | None:
        """What is in the displays that an expression may be; None if it may be anything else or may change."""
        self._left -= 1
        if self._left < 0:
            return None
        match node:
            case ast.Tuple(elts=members) | ast.List(elts=members) | ast.Set(elts=members):
                starred = any(isinstance(member, ast.Starred) for member in members)
                return None if starred or dict_only else members
            case ast.Dict(keys=keys, values=values):
                known = [key for key in keys if key is not None]
                if len(known) < len(keys):
                    return None
                return known if of_dict == "keys" else values
            case ast.Name(ctx=ast.Load()):
                return self._members_of_name(node, of_dict, dict_only=dict_only)
        return None

    def _members_of_name(self, node: ast.Name, of_dict: str, *, dict_only: bool) -> list[ast.expr] | None:
        variable = self.bindings.variable(node)
        if variable is None:
            return None
        safe = self.bindings.is_only_looked_at(variable)
        found: list[ast.expr] = []
        for source in self.bindings.sources(variable):
            self._left -= 1
            members: list[ast.expr] | None = None
            if isinstance(source, Value) and isinstance(source.node, _DISPLAYS if safe else ast.Tuple):
                members = self._members(source.node, of_dict, dict_only=dict_only)
            elif isinstance(source, Parameter) and source.variadic and not dict_only:
                members = self.bindings.arguments(source)
            if members is None:
                return None
            found += members
        return found


def _at(node: ast.expr, place: int) -> ast.expr | None:
    """What stands at a place of a tuple, which nobody can change."""
    if not isinstance(node, ast.Tuple) or place >= len(node.elts):
        return None
    return None if any(isinstance(part, ast.Starred) for part in node.elts) else node.elts[place]
