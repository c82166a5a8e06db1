"""The key of each model: from the environment, else from a file `.env` in the working directory.

The file has one NAME=value a line, with `export`, quotes and comments as shells have them, and nothing that a shell
would expand. A service's key goes to that service only; a server of one's own gets EVO_COMPATIBLE_API_KEY or none. No
key is ever in a message, a repr or a traceback of this module: errors name the variable, the file and the line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evo.errors import InputError
from evo.llm.models import Model, Service

__all__ = ["VARIABLES", "Key", "find_key", "keys_of", "parse_env"]

VARIABLES: Mapping[Service, str] = {
    "anthropic": "ANTHROPIC_API_KEY",
    "openai": "OPENAI_API_KEY",
    "compatible": "EVO_COMPATIBLE_API_KEY",
}
"""Where the key of a service is looked for."""

_LINE = re.compile(
    r"""(?:export[ \t]+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(?P<value>.*)""", re.ASCII
)
_QUOTED = re.compile(r"""(?:'(?P<plain>[^']*)'|"(?P<escaped>(?:[^"\\]|\\.)*)")[ \t]*(?:#.*)?""")


@dataclass(frozen=True, slots=True)
class Key:
    """A key that doesn't show itself, empty for a server that wants none; `origin` says where it comes from."""

    secret: str = field(repr=False)
    origin: str


def keys_of(
    models: Sequence[Model], environment: Mapping[str, str] = os.environ, folder: Path | None = None
) -> dict[Service, Key]:
    """The key of each service that the models need; raises InputError that names every variable that is missing."""
    found: dict[Service, Key] = {}
    missing: list[str] = []
    for service in dict.fromkeys(model.service for model in models):
        key = find_key(service, environment, folder)
        if key is None:
            missing.append(VARIABLES[service])
        else:
            found[service] = key
    if missing:
        raise InputError(f"no key: set {' and '.join(missing)} in the environment or in a file .env here")
    return found


def find_key(
    service: Service, environment: Mapping[str, str] = os.environ, folder: Path | None = None
) -> Key | None:
    """The key of a service, None if there is none; raises InputError for one, or a `.env`, that can't be read.

    The file is only opened for what the environment lacks; `folder` is where it lies (here).
    """
    name = VARIABLES[service]
    secret, origin = environment.get(name, "").strip(), "environment"
    if not secret:
        secret, origin = _of_file(Path(folder or ".") / ".env").get(name, "").strip(), ".env"
    if not secret:
        return Key("", "none needed") if service == "compatible" else None
    if not (secret.isascii() and secret.isprintable() and " " not in secret):
        raise InputError(f"{name} ({origin}): has a space or a character that no key has; copy the key again")
    return Key(secret, origin)


def parse_env(text: str, name: str) -> dict[str, str]:
    """The variables of a `.env` file, the last of each name; raises InputError naming the file and the line.

    Quotes end where they begin: on one line. In double quotes a backslash keeps the character behind it.
    """
    variables: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        found = _LINE.fullmatch(stripped)
        if found is None:
            # The line may be a key that somebody pasted, so it isn't shown.
            raise InputError(
                f"{name}: line {number}: is no variable; write NAME=value, or # before a comment"
            )
        value = _value(found["value"])
        if value is None:
            raise InputError(f"{name}: line {number}: a quote is open or text follows it; write NAME='value'")
        variables[found["name"]] = value
    return variables


def _value(text: str) -> str | None:
    """What a value means; None if its quotes are wrong."""
    if text[:1] not in ("'", '"'):
        return re.split(r"(?:^|[ \t])#", text, maxsplit=1)[0].rstrip()
    quoted = _QUOTED.fullmatch(text)
    if quoted is None:
        return None
    plain, escaped = quoted["plain"], quoted["escaped"]
    return str(plain) if plain is not None else re.sub(r"\\(.)", r"\1", escaped)


def _of_file(path: Path) -> dict[str, str]:
    if not path.is_file():  # some keep their virtual environment in a folder of that name
        return {}
    try:
        return parse_env(path.read_text(encoding="utf-8-sig"), str(path))
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror}; make it readable, or set the key in the environment"
        ) from error
    except UnicodeDecodeError as error:
        # Not chained: the error holds the whole file.
        raise InputError(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
