"""The command line: it parses, wires and prints, and is the only room that prints.

One file per group of commands. Nothing below imports from here. What takes long to import is imported inside
the command that needs it, so that `evo --help` is quick.
"""

import sys

__all__ = ["main"]

INTERRUPTED = 130
"""What a shell expects of a program that Ctrl-C ended."""


def main() -> None:
    """Run the `evo` command; Ctrl-C ends it quietly even while it still imports."""
    try:
        from evo.cli import app

        app.main()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
