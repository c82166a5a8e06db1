"""Every error that evo raises for its user.

Each message is one line that names the file, the place and the mend. A policy's own fault is no error: it is
a `Failure` value. The command line prints any `EvoError` as it is and exits with 2.

    EvoError
    ├── InputError      a file or value given by the user can't be used
    │   └── PolicyError   source text that is no policy
    ├── RunError        a saved run is unknown, damaged, newer than this evo, or in use
    ├── StorageError    the disk refused a write; nothing saved before it is lost
    ├── ModelError      a language model can't be asked; nothing paid for is lost
    └── CageError       this machine can't start or hold the process that runs policies
"""

from __future__ import annotations


class EvoError(Exception):
    """Base of all errors that evo raises for its user; `str(error)` is one line fit to print."""


class InputError(EvoError):
    """A file or value given by the user can't be used as it is."""


class PolicyError(InputError):
    """Source text that is no policy: `line` is the 1-based line in that text, if one is to blame.

    `kind` is "syntax", "contract" or "forbidden", as in `population.FailureKind`.
    """

    def __init__(self, message: str, line: int | None = None, kind: str = "contract") -> None:
        super().__init__(message if line is None else f"line {line}: {message}")
        self.message = message
        self.line = line
        self.kind = kind


class RunError(EvoError):
    """A saved run is unknown, damaged, written by a newer evo, or in use by another process."""


class StorageError(EvoError):
    """The disk refused a write; what was saved before it is whole."""


class ModelError(EvoError):
    """A language model can't be asked: a wrong key, an empty account, a server that stays down."""


class CageError(EvoError):
    """This machine can't start, or lost, the process in which policies run."""
