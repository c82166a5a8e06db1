"""A policy leaves the search: under another key, or as a module that upstream runs as it is.

Only the text that must change is changed; formatting and comments stay. The key of a policy is no part of its
identity, so neither rewrite changes its hash.
"""

from __future__ import annotations

import ast

from evo.policy.ambient import AMBIENT, UPSTREAM_KEYS
from evo.policy.contract import registrations
from evo.policy.gate import read
from evo.policy.normal import fingerprint
from evo.policy.scopes import analyse
from evo.population import Policy


def rename_key(policy: Policy, key: str) -> Policy:
    """The same program registered under another key; its hash stays. A key that is none raises `PolicyError`."""
    both = registrations(read(policy.source))
    lines = policy.source.encode().split(b"\n")
    for node in sorted((both.init.key, both.scheduler.key), key=lambda node: -node.lineno):
        _replace(lines, node, repr(key) if '"' in key or "\\" in key else f'"{key}"')
    source = b"\n".join(lines).decode()
    tree = read(source)
    renamed = registrations(tree)
    return Policy(source=source, hash=fingerprint(tree, renamed, analyse(tree)), key=renamed.key)


def _replace(lines: list[bytes], node: ast.expr, text: str) -> None:
    """Write `text` over an expression; columns of `ast` count bytes."""
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    tail = lines[last][node.end_col_offset :]
    lines[first : last + 1] = [lines[first][: node.col_offset] + text.encode() + tail]


def standalone(policy: Policy) -> str:
    """Source that upstream Eudoxia runs as it is: with the imports that ambient names stood for.

    A key that upstream has registered already is made its own with the first eight digits of the hash.
    """
    if policy.key in UPSTREAM_KEYS:
        policy = rename_key(policy, f"{policy.key}-{policy.hash[:8]}")
    missing = {use.node.id for use in analyse(read(policy.source)).unbound()}
    wanted = [name for name in AMBIENT if name in missing]
    if not wanted:
        return policy.source
    from evo.policy.imports import with_imports

    return with_imports(policy.source, wanted)
