"""Functions and settings that new code may call: supplies that come into a policy with the first code that needs them.

They are plain Python that reads nothing but Eudoxia's objects. Their names stand for them: what a policy defines
under such a name itself is taken to be the same.
"""

from __future__ import annotations

import ast
from types import MappingProxyType

from evo.variation.syntax.draft import Draft
from evo.variation.syntax.names import needed_imports
from evo.variation.syntax.source import Edit, expression

SETTINGS = MappingProxyType(
    {"IMPORTANCE": "IMPORTANCE = {Priority.QUERY: 10, Priority.INTERACTIVE: 5, Priority.BATCH_PIPELINE: 1}\n"}
)
"""The classes' weights in the latency metric (eudoxia `SimulatorStats.adjusted_latency`)."""

FUNCTIONS = MappingProxyType(
    {
        "steps_left": '''

def steps_left(pipeline):
    """Operators on the longest path through the graph that are not complete."""
    steps = {}
    for op in pipeline.values:  # parents before their children
        before = max((steps[parent] for parent in op.parents), default=0)
        steps[op] = before + (op.state() != OperatorState.COMPLETED)
    return max(steps.values(), default=0)
'''
    }
)


def needed(draft: Draft, code: str) -> tuple[Edit, ...]:
    """What an expression needs to be understood where it is put: helpers and imports, as far as they are missing."""
    used = {node.id for node in ast.walk(expression(code)) if isinstance(node, ast.Name)}
    missing = used - draft.scopes.module.bound
    settings = [text for name, text in SETTINGS.items() if name in missing]
    functions = [text for name, text in FUNCTIONS.items() if name in missing]
    above, below = top(draft), len(draft.data)
    edits = [Edit(above, above, f"\n{text}") for text in settings]
    edits += [Edit(below, below, text) for text in functions]
    # Of edits at one place the later ones come out first, so the imports stand above what uses them.
    return (*edits, *needed_imports(draft, "\n".join([f"({code})", *settings, *functions])))


def top(draft: Draft) -> int:
    """The place of new settings: behind the last import of the module, or before its first function."""
    imports = [node for node in draft.tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    places = [place for node in imports if (place := draft.lines(node)) is not None]
    if places:
        return places[-1][1]
    first = draft.registered.init.function
    before = [node for node in draft.tree.body if node.lineno < first.lineno and isinstance(node, ast.Expr)]
    place = draft.lines(before[-1]) if before else None
    return place[1] if place else 0
