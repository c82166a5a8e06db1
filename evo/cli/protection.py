"""What this machine lacks to hold policies, in a sentence: said once, before any of them runs."""

from __future__ import annotations

from evo.cage.layers import layers
from evo.cli.console import messages


def warn_of_missing() -> None:
    """Name on stderr the layers of the cage that this machine hasn't got, and what that means; nothing if it has all."""
    missing = [f"no {layer.name} ({layer.without})" for layer in layers() if not layer.active]
    if missing:
        messages().print(f"This machine has {', '.join(missing)}. See `evo doctor`.", soft_wrap=True)
