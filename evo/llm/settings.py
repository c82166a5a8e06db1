"""What one model is asked with: one frozen value that decides everything about its calls.

The key is checked here, before it can get into a header, and shown nowhere: neither in a representation nor in an
error. Knows no service's names for these settings; each provider translates them.
"""

from __future__ import annotations

import msgspec

from evo.errors import InputError


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach a model and what to allow it; raises InputError if a key or an address can't be one."""

    model: str
    """As its server calls it."""
    key: str = ""
    """A server on one's own machine may want none."""
    base: str | None = None
    """The server's address if it isn't the service's own; for both of OpenAI's protocols it ends in /v1."""
    effort: str | None = None
    """How hard to think, in the service's own words; none given: as the server likes."""
    tokens: int = 16000
    """What an answer may have at most, its thoughts included."""
    seconds: float = 600.0
    """How long a whole call may take."""
    cache_key: str = ""
    """Calls with the same one share the cached beginning of their prompts, where the service asks for a key."""

    def __post_init__(self) -> None:
        if not all("!" <= letter <= "~" for letter in self.key):
            raise InputError(
                f"the key for {self.model} holds a space, a line break or a letter that no key has; copy it again"
            )
        if self.base is not None and not self.base.startswith(("http://", "https://")):
            raise InputError(
                f"the address of {self.model} must begin with http:// or https://, is {self.base!r}"
            )

    def __repr__(self) -> str:
        shown = {name: getattr(self, name) for name in self.__struct_fields__ if name != "key"}
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"
