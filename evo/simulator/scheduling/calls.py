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

    def harmless(self, call: ast.Call, scope: Scope) -> bool:
        """Whether a call surely changes nothing that outlives the call of the policy."""
        func = call.func
        if self._own(func, scope):
            return True
        meaning = self.survey.meaning(func, scope)
        if meaning in EDITS_FIRST:
            first = call.args[0] if call.args else None
            return first is not None and self.grades.level(first, scope) >= FRESH
        if meaning in PURE:
            return self._pure(meaning, call, scope)
        if not isinstance(func, ast.Attribute) or not (meaning is None or meaning.startswith("builtins.")):
            return False
        if func.attr in OWN_METHODS and self.grades.level(func.value, scope) >= FRESH:
            return not self.grades.is_taken(func.attr) and self._callbacks_known(call, -1, scope)
        return self._method(func, scope)

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
        if isinstance(expr, ast.Lambda) or (isinstance(expr, ast.Constant) and expr.value is None):
            return True
        if isinstance(expr, ast.Call):
            meaning = self.survey.meaning(expr.func, scope)
            if meaning in {"functools.cmp_to_key", "functools.partial"} and expr.args:
                return self._known_callable(expr.args[0], scope)
            return meaning in {"operator.itemgetter", "operator.attrgetter"}
        if not isinstance(expr, ast.Name | ast.Attribute):
            return False
        if self._own(expr, scope):
            return True
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
        if name in PURE_METHODS:
            return True
        if name in self.survey.methods:
            of_self = isinstance(base, ast.Name) and base.id == "self" and self._owns(scope, name)
            arrays = any(module.partition(".")[0] == "numpy" for module in self.survey.modules)
            return of_self or (name not in LIBRARY_METHODS and not arrays)
        return name in LOGGER_METHODS and self.survey.logs_plainly

    def _owns(self, scope: Scope, name: str) -> bool:
        """Whether the method belongs to the class in whose method this stands, and that has no other bases."""
        owner = scope.owner
        return (
            owner is not None
            and not owner.bases
            and any(isinstance(part, ast.FunctionDef) and part.name == name for part in owner.body)
        )
