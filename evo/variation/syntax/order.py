"""Mutations of order: which work is looked at first, from which end of a queue, and how much of it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

import numpy as np

from evo.variation.syntax.draft import Draft, decides
from evo.variation.syntax.keys import MOST_TERMS, joined, sorting
from evo.variation.syntax.source import Change, Edit, Loop, guarded
from evo.variation.syntax.supplies import needed
from evo.variation.syntax.vocabulary import Term, key, pick, size, term


def sort_queue(draft: Draft, rng: np.random.Generator) -> Change | None:
    """Work is looked at in another order: a loop over a sorted copy, or a queue sorted before it is drained."""
    return sort_by(draft, rng, lambda path: key(rng, path))


def sort_by(draft: Draft, rng: np.random.Generator, made: Callable[[str], Term | None]) -> Change | None:
    """As `sort_queue`, by the key that is `made` of the way from an element of the queue to its pipeline, if any is."""
    paths = {
        node: path for node in draft.nodes if isinstance(node, ast.For) and (path := _element(draft, node))
    }
    drains = {loop: (queue, path) for loop, queue, path in _drains(draft)}
    loops: list[Loop] = [*paths, *drains]
    loop = draft.choose(rng, loops, [10.0 if decides(loop) else 1.0 for loop in loops])
    if loop is None:
        return None
    if not isinstance(loop, ast.For):
        queue, path = drains[loop]
        return _sorted_before(draft, loop, queue, path, made(path))
    path, queue = paths[loop], _listed(loop.iter)
    kept = sorting(queue)
    if kept is not None:
        return _sorted_first(draft, kept[1], made)
    if queue is not loop.iter or (rng.random() < 0.3 and isinstance(queue, (ast.Name, ast.Attribute))):
        return _sorted_before(draft, loop, queue, path, made(path))
    new = made(path)
    if new is None:
        return None
    code = f"sorted({draft.of(queue)}, key=lambda {_variable(path)}: {new.code})"
    words = f"`{draft.short(queue)}` by {new.words} {draft.where(loop)}"
    return Change((draft.put(queue, code), *needed(draft, new.code)), words)


def key_lambdas(draft: Draft) -> list[ast.Lambda]:
    """The functions by which something is sorted, or the least or greatest of something is found."""
    return [
        word.value
        for word in draft.nodes
        if isinstance(word, ast.keyword) and word.arg == "key" and isinstance(word.value, ast.Lambda)
    ]


def change_key(draft: Draft, rng: np.random.Generator) -> Change | None:
    """Another sort key in place of one: a new term, a second term, one term less, the other direction."""
    node = draft.choose(rng, key_lambdas(draft))
    if node is None:
        return None
    new = _another_key(draft, rng, node)
    words = f"sort key `{draft.short(node.body)}` → {new.words} {draft.where(node)}"
    edit = draft.over(node.body, f"({new.code})" if isinstance(draft.parent[node], ast.Tuple) else new.code)
    return Change((edit, *needed(draft, new.code)), words)


def reverse_loop(draft: Draft, rng: np.random.Generator) -> Change | None:
    """A loop runs the other way."""
    loops = [node for node in draft.nodes if isinstance(node, ast.For)]
    loop = draft.choose(rng, loops)
    if loop is None:
        return None
    inner = _listed(loop.iter, "reversed")
    if inner is not loop.iter:
        return Change((draft.over(loop.iter, draft.of(inner)),), f"no longer reversed {draft.where(loop)}")
    code = f"reversed(list({draft.of(loop.iter)}))"
    return Change((draft.put(loop.iter, code),), f"`{draft.short(loop.iter)}` reversed {draft.where(loop)}")


def change_end(draft: Draft, rng: np.random.Generator) -> Change | None:
    """The other end of a queue: `pop(0)` for `pop()`, `insert(0, …)` for `append(…)`, and back."""
    choices: dict[ast.Call, str] = {}
    for node in draft.nodes:
        match node:
            case ast.Call(
                func=ast.Attribute(attr="pop", value=queue), args=[ast.Constant(value=0)], keywords=[]
            ):
                choices[node] = f"{draft.of(queue)}.pop()"
            case ast.Call(func=ast.Attribute(attr="pop", value=queue), args=[], keywords=[]):
                choices[node] = f"{draft.of(queue)}.pop(0)"
            case ast.Call(func=ast.Attribute(attr="append", value=queue), args=[item], keywords=[]):
                choices[node] = f"{draft.of(queue)}.insert(0, {draft.of(item)})"
            case ast.Call(
                func=ast.Attribute(attr="insert", value=queue),
                args=[ast.Constant(value=0), item],
                keywords=[],
            ):
                choices[node] = f"{draft.of(queue)}.append({draft.of(item)})"
    call = draft.choose(rng, list(choices))
    if call is None:
        return None
    words = f"`{draft.short(call)}` → `{choices[call]}` {draft.where(call)}"
    return Change((draft.over(call, choices[call]),), words)


def limit_loop(draft: Draft, rng: np.random.Generator) -> Change | None:
    """Only the first few of a list are looked at; or all, where a slice stood."""
    slices = [
        node for node in draft.nodes if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice)
    ]
    if slices and rng.random() < 0.5:
        node = draft.choose(rng, slices)
        assert node is not None
        words = f"`{draft.short(node)}` without its bounds {draft.where(node)}"
        return Change((draft.put(node, draft.of(node.value)),), words)
    loops = [node for node in draft.nodes if isinstance(node, ast.For) and _element(draft, node) is not None]
    loop = draft.choose(rng, loops)
    if loop is None:
        return None
    count = size(rng, 30)
    code = f"list({draft.of(loop.iter)})[:{count}]"
    words = f"at most {count} of `{draft.short(loop.iter)}` {draft.where(loop)}"
    return Change((draft.put(loop.iter, code),), words)


def share_queue(draft: Draft, rng: np.random.Generator) -> Change | None:
    """Queues that were apart become one list, so that their order, not their class, decides."""
    choices: dict[ast.expr, str] = {}
    empty: list[ast.expr] = []
    for node in draft.nodes:
        match node:
            case ast.DictComp(
                key=ast.Name(id=key_), value=ast.List(elts=[]), generators=[ast.comprehension() as part]
            ) if isinstance(part.target, ast.Name) and part.target.id == key_ and not part.ifs:
                choices[node] = f"dict.fromkeys({draft.of(part.iter)}, [])"
            case (
                ast.Assign(targets=[ast.Attribute() as target], value=ast.List(elts=[]) as value)
                | ast.AnnAssign(target=ast.Attribute() as target, value=ast.List(elts=[]) as value)
            ):
                before = [other for other in empty if draft.function[other] is draft.function[target]]
                if before:
                    choices[value] = draft.of(pick(rng, before))
                empty.append(target)
    place = draft.choose(rng, list(choices))
    if place is None:
        return None
    words = f"one queue: `{choices[place]}` {draft.where(place)}"
    return Change((draft.put(place, choices[place]),), words)


def _another_key(draft: Draft, rng: np.random.Generator, node: ast.Lambda) -> Term:
    parameters = [arg.arg for arg in node.args.args]
    path = draft.kinds.pipeline(parameters[0]) if len(parameters) == 1 else None
    body = draft.of(node.body)
    parts = node.body.elts if isinstance(node.body, ast.Tuple) else [node.body]
    kinds = ["drop"] * (len(parts) > 1) + ["negate"]
    kinds += [] if path is None else ["new", "new", "first", "second", "scale"]
    kind = pick(rng, kinds)
    place = int(rng.integers(len(parts)))
    if kind == "drop":
        left = [draft.of(part) for number, part in enumerate(parts) if number != place]
        return Term(
            left[0] if len(left) == 1 else f"({', '.join(left)})", f"without `{draft.short(parts[place])}`"
        )
    if kind == "negate":
        texts = [draft.of(part) for part in parts]
        texts[place] = f"-{guarded(texts[place], parts[place])}"
        return Term(texts[0] if len(texts) == 1 else f"({', '.join(texts)})", f"`{texts[place]}`")
    assert path is not None
    if kind == "new":
        return key(rng, path)
    new = term(rng, path)
    if kind == "scale" and len(parts) == 1:
        factor = size(rng, 1000) / 10
        return Term(
            f"{guarded(body, node.body)} + {factor} * ({new.code})", f"plus {factor} times {new.words}"
        )
    if kind == "first":
        return Term(joined([new.code, body], MOST_TERMS), f"{new.words}, then as before")
    kept = joined([body], MOST_TERMS - 1)
    return Term(joined([kept, new.code]), f"as before, then {new.words}")


def _sorted_first(draft: Draft, kept: ast.Lambda, made: Callable[[str], Term | None]) -> Change | None:
    """Another key where there is a sort already: the former one goes on to decide ties."""
    path = draft.kinds.pipeline(kept.args.args[0].arg)
    new = None if path is None else made(path)
    if new is None:
        return None
    code = joined([new.code, draft.of(kept.body)], MOST_TERMS)
    words = f"sorted by {new.words}, then by `{draft.short(kept.body)}` {draft.where(kept)}"
    return Change((draft.over(kept.body, code), *needed(draft, new.code)), words)


def _sorted_before(
    draft: Draft, loop: ast.stmt, queue: ast.expr, path: str, new: Term | None
) -> Change | None:
    """A line before a loop that sorts the queue itself."""
    place = draft.lines(loop)
    if place is None or new is None:
        return None
    block = draft.block(loop)
    for before in block[: block.index(loop)][::-1]:
        kept = sorting(before)
        if kept is not None and draft.of(kept[0]) == draft.of(queue):
            return _sorted_first(draft, kept[1], lambda _: new)
    line = f"{draft.indent(loop)}{draft.of(queue)}.sort(key=lambda {_variable(path)}: {new.code})\n"
    words = f"`{draft.short(queue)}` sorted by {new.words} {draft.where(loop)}"
    return Change((Edit(place[0], place[0], line), *needed(draft, new.code)), words)


def _element(draft: Draft, loop: ast.For) -> str | None:
    """The way from a loop's element to its pipeline, if the loop goes over work."""
    target, iterated = loop.target, loop.iter
    if _is_call(iterated, "enumerate"):
        target = target.elts[1] if isinstance(target, ast.Tuple) and len(target.elts) == 2 else target
    if isinstance(target, ast.Name):
        return draft.kinds.pipeline(target.id)
    if isinstance(target, ast.Tuple):
        for place, part in enumerate(target.elts):
            if isinstance(part, ast.Name) and draft.kinds.pipeline(part.id) == part.id:
                return f"job[{place}]"
    return None


def _drains(draft: Draft) -> Iterator[tuple[ast.While, ast.expr, str]]:
    """Loops that take work from a queue one by one, with the queue and the way to an element's pipeline."""
    for node in draft.nodes:
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(func=ast.Attribute(attr="pop" | "popleft", value=queue)),
            ):
                path = draft.kinds.pipeline(name)
                loop = next((around for around in draft.above(node) if isinstance(around, ast.While)), None)
                if path is not None and loop is not None and isinstance(queue, (ast.Name, ast.Attribute)):
                    yield loop, queue, path


def _variable(path: str) -> str:
    """The variable at the beginning of a path."""
    end = min((place for mark in ".[" if (place := path.find(mark)) >= 0), default=len(path))
    return path[:end]


def _listed(node: ast.expr, call: str = "enumerate") -> ast.expr:
    """The list inside `enumerate(…)`, or whatever call is named; any other expression as it is."""
    return node.args[0] if isinstance(node, ast.Call) and _is_call(node, call) and node.args else node


def _is_call(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
