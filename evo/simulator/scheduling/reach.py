"""Whether a policy's source might get hold of Python's own machinery: other modules, frames, code objects.

With that it could see or change calls from outside, in ways that its own statements don't tell. Judged by names
alone, so that much is suspected which does no harm.
"""

from __future__ import annotations

import ast

from evo.simulator.scheduling.obstacles import ALIEN, imported, is_hidden, root
from evo.simulator.scheduling.purity import FORBIDDEN, OPAQUE
from evo.simulator.scheduling.survey import is_module, last_name
from evo.simulator.scheduling.trees import walk

FUNCTION = "algo_func"
"""The attribute of `s` that holds the function called in every tick."""

_GETTERS = frozenset({"getattr", "attrgetter"})


def reaches(tree: ast.Module) -> bool:
    """Whether the source might reach what can see or change calls from outside: other modules, frames, code."""
    nodes = walk(tree)
    modules = {
        alias.asname or alias.name.partition(".")[0]
        for node in nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
        if is_module(node, alias)
    }
    plain = {node.value for node in nodes if isinstance(node, ast.Attribute | ast.Expr)}
    plain |= {node.func for node in nodes if isinstance(node, ast.Call) and _gets_openly(node)}
    return any(_is_suspect(node, modules, handed=node not in plain) for node in nodes)


def _gets_openly(call: ast.Call) -> bool:
    """Whether a call gets attributes that are written out."""
    name = last_name(call.func)
    words = call.args[1:2] if name == "getattr" else call.args
    return name in _GETTERS and bool(words) and all(_is_plain_word(word) for word in words)


def _is_plain_word(word: ast.expr) -> bool:
    match word:
        case ast.Constant(value=str() as text):
            return OPAQUE.isdisjoint(text.split("."))
    return False


def _is_suspect(node: ast.AST, modules: set[str], *, handed: bool) -> bool:
    """Whether a node by itself may be a way out; `handed` if nothing is known of what becomes of its value."""
    match node:
        case ast.Import():
            suspect = any(imported(node))
        case ast.ImportFrom(module=module):
            suspect = module == "numpy" or any(imported(node))
        case ast.Name(id=name):
            away = handed and (name in modules or name in _GETTERS)
            suspect = away or _is_closed(name) or name in FORBIDDEN
        case ast.Attribute(attr=name):
            alien = root(node) in modules and (name in ALIEN or name.startswith("_"))
            suspect = alien or _is_closed(name) or (handed and name in _GETTERS)
        case ast.MatchClass(kwd_attrs=names):
            suspect = any(_is_closed(name) for name in names)
        case ast.Constant(value=str() as text):
            suspect = handed and ("evo_" in text or "__" in text or text == FUNCTION)
        case _:
            suspect = False
    return suspect


def _is_closed(name: str) -> bool:
    return name in OPAQUE or is_hidden(name)
