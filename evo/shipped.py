"""What comes with evo itself: the baseline policies and the markdown folder of prompts; and policies by name.

One function knows where shipped data lies: beside the package in a checkout, inside it when installed from a
wheel (`force-include` in pyproject.toml). Finding a policy's source by stock name, file or folder belongs here
too, so that every command accepts the same. Nothing here parses, scores or saves.
"""

from __future__ import annotations

import difflib
from pathlib import Path

from evo.errors import InputError

BEST_KNOWN = "priority"
"""The best stock policy for mixed loads: the one beside which others are shown at work."""

REFERENCES = ("naive", BEST_KNOWN)
"""The stock policies that others are compared with: first come, first served, and the best known by hand."""


def baseline() -> Path:
    """The folder of stock policies, one `.py` file each."""
    return _folder("baseline", "populations/baseline")


def markdown() -> Path:
    """The folder of prompts that models are given."""
    return _folder("markdown", "markdown")


def stock_policies() -> dict[str, Path]:
    """The stock policies' files by name, in alphabetical order."""
    return {path.stem: path for path in sorted(baseline().glob("*.py"))}


def policy_files(name: str) -> list[Path]:
    """The files meant by a stock policy's name, a path of a file, or a folder (all its `.py` files in order).

    Raises InputError if there is none.
    """
    path = Path(name)
    if path.is_file():
        return [path]
    if path.is_dir():
        files = sorted(file for file in path.glob("*.py") if file.is_file())
        if not files:
            raise InputError(f"{name}: no policy in this folder; give one with .py files")
        return files
    stock = stock_policies()
    if name in stock:
        return [stock[name]]
    near = difflib.get_close_matches(name, stock, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"stock policies: {', '.join(stock) or 'none'}"
    raise InputError(f"{name}: no such policy, neither a file nor a stock policy ({hint})")


def policy_file(name: str) -> Path:
    """The one file meant by a stock policy's name or a path; raises InputError if there is none, or many."""
    files = policy_files(name)
    if len(files) > 1:
        raise InputError(f"{name}: a folder of {len(files)} policies; name one of its files")
    return files[0]


def read_start(path: Path) -> bytes:
    """The first megabyte of a policy's file, far more than any policy has; raises InputError if it can't be read."""
    try:
        with path.open("rb") as file:
            return file.read(1_000_000)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; give a readable file") from error


def read_policy(path: Path) -> str:
    """The text of a policy's file; raises InputError if it can't be read."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; give a readable file") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from error


def _folder(installed: str, checkout: str) -> Path:
    package = Path(__file__).parent
    inside = package / "_data" / installed
    return inside if inside.is_dir() else package.parent / checkout
