"""Source text in, a `Policy` or a `PolicyError` out.

Here live the reading of a model's answer, the gate that keeps hostile text from the parsers, the contract of a
policy, its normal form and hash, and its export. Nothing here runs, compiles or imports a policy: text is only
looked at. Any text whatever ends in a `Policy` or in a `PolicyError` that says what is expected, where, and how
to mend it.
"""

from __future__ import annotations

from evo.errors import PolicyError
from evo.policy.answer import Code, choose, extract
from evo.policy.contract import registrations
from evo.policy.export import rename_key, standalone
from evo.policy.forbidden import check
from evo.policy.gate import read
from evo.policy.normal import fingerprint
from evo.policy.scopes import analyse
from evo.population import Policy

__all__ = ["extract", "parse", "rename_key", "standalone"]


def parse(text: str | bytes, *, trusted: bool = False) -> Policy:
    """The policy in `text`: a module of Python, or a model's answer with a module in it; bytes are UTF-8.

    `PolicyError` is the only thing ever raised; its line counts in `text` as it was given, and its kind tells text that
    can't be read ("syntax") from what is no policy ("contract") and what a policy may not do ("forbidden"). A `trusted`
    one may use what is forbidden to others: a debugger, files.
    """
    code = choose(text if isinstance(text, str) else _decoded(text))
    try:
        return _policy(code, trusted=trusted)
    except PolicyError as error:
        if error.line is None or code.first_line == 1:
            raise
        raise PolicyError(error.message, error.line + code.first_line - 1, error.kind) from None


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise PolicyError(f"byte {error.start} is not UTF-8; save it as UTF-8", kind="syntax") from None


def _policy(code: Code, *, trusted: bool) -> Policy:
    if "def " not in code.text:
        raise PolicyError(
            "there is no Python function in this text; give the source of a policy, alone or in one ```python block"
        )
    tree = read(code.text) if code.tree is None else code.tree
    both = registrations(tree)
    scopes = analyse(tree)
    if not trusted:
        check(tree, scopes)
    return Policy(source=code.text, hash=fingerprint(tree, both, scopes), key=both.key)
