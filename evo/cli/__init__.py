"""The command line: it parses, wires and prints, and is the only room that prints.

One file per group of commands. Nothing below imports from here. What takes long to import is imported inside
the command that needs it, so that `evo --help` is quick.
"""

from evo.cli.app import main

__all__ = ["main"]
