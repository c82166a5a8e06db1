"""Which calls in a policy's source surely change nothing that outlives the call of the policy.

Judged by what is called and, where that changes its own object or an argument, by whether that is fresh. The
policy's own functions are watched themselves, so that calling them is harmless as such.
"""

from __future__ import annotations

import ast

from evo.simulator.scheduling.grading import Grades
from evo.simulator.scheduling.purity import (
    CALLBACK_KEYWORDS,
    CALLBACKS,
    EDITS_FIRST,
    FRESH,
    LIBRARY_METHODS,
    LOGGER_METHODS,
    OWN_METHODS,
    PURE,
    PURE_METHODS,
)
from evo.simulator.scheduling.scopes import Scope
from evo.simulator.scheduling.survey import Survey


class Calls:
    """The calls of one policy."""

    def __init__(self, survey: Survey, grades: Grades) -> None:
        self.survey = survey
        self.grades = grades

    def changed(self, call: ast.Call, scope: Scope) -> ast.expr | None:
        """What a call may change that outlives the call of the policy: nothing, its object or first argument, or itself.

        Itself stands for anything.
        """
        meaning = self.survey.meaning(call.func, scope)
        if meaning in EDITS_FIRST:
            known = bool(call.args) and self._callbacks_known(call, -1, scope)
            return self._unless_fresh(call.args[0], scope) if known else call
        if meaning in PURE:
            return None if self._pure(meaning, call, scope) else call
        if isinstance(call.func, ast.Attribute) and (meaning is None or meaning.startswith("builtins.")):
            return self._changed_by_method(call, call.func, scope)
        return None if self._own(call.func, scope) else call

    def _changed_by_method(self, call: ast.Call, func: ast.Attribute, scope: Scope) -> ast.expr | None:
        unbound = self.survey.meaning(func.value, scope) is not None
        if func.attr in OWN_METHODS and not self.grades.is_taken(func.attr) and not unbound:
            return self._unless_fresh(func.value, scope) if self._callbacks_known(call, -1, scope) else call
        return None if self._method(func, scope) else call

    def _unless_fresh(self, expr: ast.expr, scope: Scope) -> ast.expr | None:
        return None if self.grades.level(expr, scope) >= FRESH else expr

    def _own(self, func: ast.expr, scope: Scope) -> bool:
        """Whether it is a function or class of the policy, and nothing but its watched code runs."""
        own = self.survey.defined(func, scope)
        if isinstance(own, ast.FunctionDef):
            return self.survey.undecorated(own)
        if own is not None:
            return self.grades.makes_anew(own)
        return self.survey.local_function(func, scope)

    def _pure(self, meaning: str | None, call: ast.Call, scope: Scope) -> bool:
        assert meaning is not None
        if meaning == "builtins.print":
            return all(keyword.arg in {"sep", "end", "flush"} for keyword in call.keywords)
        if meaning == "builtins.getattr":
            return len(call.args) > 1 and isinstance(call.args[1], ast.Constant)
        if meaning.startswith("logging."):
            return self.survey.logs_plainly
        place = CALLBACKS.get(meaning)
        return place is None or self._callbacks_known(call, place, scope)

    def _callbacks_known(self, call: ast.Call, place: int, scope: Scope) -> bool:
        """Whether what the call may call back is known to be harmless; `place` is where it stands, if not a keyword."""
        if any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords):
            return False
        backs = [k.value for k in call.keywords if k.arg in CALLBACK_KEYWORDS]
        if 0 <= place < len(call.args):
            backs.append(call.args[place])
        return all(self._known_callable(back, scope) for back in backs)

    def _known_callable(self, expr: ast.expr, scope: Scope) -> bool:
        """Whether calling a value later is harmless."""
        match expr:
            case ast.Lambda() | ast.Constant(value=None):
                return True
            case ast.Call(func=func, args=args):
                meaning = self.survey.meaning(func, scope)
                wraps = meaning in {"functools.cmp_to_key", "functools.partial"}
                known = meaning in {"operator.itemgetter", "operator.attrgetter"}
                return self._known_callable(args[0], scope) if wraps and args else known
            case ast.Name() | ast.Attribute():
                return self._own(expr, scope) or self._known_name(expr, scope)
        return False

    def _known_name(self, expr: ast.Name | ast.Attribute, scope: Scope) -> bool:
        meaning = self.survey.meaning(expr, scope)
        if meaning in PURE:
            return meaning not in CALLBACKS and meaning not in {"builtins.getattr", "builtins.print"}
        plain = meaning is None or meaning.startswith("builtins.")
        return plain and isinstance(expr, ast.Attribute) and self._method(expr, scope)

    def _method(self, func: ast.Attribute, scope: Scope) -> bool:
        """Whether a method of this name changes nothing, whatever object it is called on."""
        name, base = func.attr, func.value
        if name in self.survey.stored or (isinstance(base, ast.Name) and base.id in self.survey.aliases):
            return False
        if name == "__init__":
            return scope.owner is not None and getattr(scope.node, "name", "") == "__init__"
        logs = name in LOGGER_METHODS and self.survey.logs_plainly
        return name in PURE_METHODS or logs or self._own_method(name, base, scope)

    def _own_method(self, name: str, base: ast.expr, scope: Scope) -> bool:
        """Whether a method is surely one of the policy's own, which are watched."""
        if name not in self.survey.methods:
            return False
        if isinstance(base, ast.Name) and base.id == "self" and self._owns(scope, name):
            return True
        return name not in LIBRARY_METHODS and not self.grades.arrays

    def _owns(self, scope: Scope, name: str) -> bool:
        """Whether the method belongs to the class in whose method this stands, and that has no other bases."""
        owner = scope.owner
        return (
            owner is not None
            and not owner.bases
            and any(isinstance(part, ast.FunctionDef) and part.name == name for part in owner.body)
        )
