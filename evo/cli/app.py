"""The application: which commands there are, and the one place where an error becomes a line and an exit code.

0 done, 1 the policy (or this machine, for `doctor`) failed, 2 bad usage or input, 130 interrupted, 141 the reader
of a pipe has gone. A command's docstring is its help; indented lines in it stay as they are.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from inspect import cleandoc
from typing import Annotated, Any

import typer
from rich.markup import escape
from typer.core import TyperGroup

from evo.cli import INTERRUPTED, bench, trace
from evo.cli.compare import compare
from evo.cli.console import one_line
from evo.cli.cost import cost
from evo.cli.doctor import doctor, evo_version
from evo.cli.evaluate import evaluate
from evo.cli.explain import explain
from evo.cli.export import export
from evo.cli.individuals import diff, lineage, show
from evo.cli.models import models
from evo.cli.replay import replay
from evo.cli.runs import hof, list_saved
from evo.cli.search import resume, run
from evo.cli.validate import validate
from evo.cli.verify import verify
from evo.errors import EvoError
from evo.simulator import EUDOXIA_REVISION, SIMULATOR_VERSION

BAD_INPUT = 2
RUNS, POLICIES, MODELS, MACHINE = "Runs", "Policies", "Models", "This machine"
PIPE_CLOSED = 141
"""What a shell reports for a program that died of SIGPIPE."""


class _Commands(TyperGroup):
    """The commands, run so that every error that evo foresees ends in one line."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that `ctx` names."""
        with _errors_told():
            return super().invoke(ctx)


@contextmanager
def _errors_told() -> Iterator[None]:
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except EvoError as error:
        _complain(str(error))
        raise typer.Exit(BAD_INPUT) from error
    except KeyboardInterrupt as error:
        _complain("interrupted")
        raise typer.Exit(INTERRUPTED) from error
    except BrokenPipeError as error:
        _drop_stdout()
        raise typer.Exit(PIPE_CLOSED) from error
    except OSError as error:
        _drop_stdout()
        _complain(f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error))
        raise typer.Exit(BAD_INPUT) from error


def _complain(message: str) -> None:
    typer.echo(f"evo: {one_line(message)}", err=True)


def _drop_stdout() -> None:
    """Let what is still buffered go nowhere, else the interpreter fails on it once more at its end."""
    with suppress(OSError, ValueError):
        descriptor = os.open(os.devnull, os.O_WRONLY)
        os.dup2(descriptor, sys.stdout.fileno())
        os.close(descriptor)


def _help(command: Callable[..., Any]) -> str:
    """A docstring as Typer's help: prose flows, indented lines (examples) stand."""
    paragraphs = cleandoc(command.__doc__ or "").split("\n\n")
    return "\n\n".join(
        f"[bold cyan]{escape(text)}[/]" if text.startswith(" ") else escape(" ".join(text.splitlines()))
        for text in paragraphs
    )


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"evo {evo_version()} (simulator {SIMULATOR_VERSION}, Eudoxia {EUDOXIA_REVISION[:7]})")
        raise typer.Exit


def _evo(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Say which evo this is.")
    ] = False,
) -> None:
    """Evolve scheduling policies: write programs, score them in a simulator, keep the best.

    Start here; no key and no network are needed:

        $ evo run
        $ evo hof quick-penalized-1
        $ evo show quick-penalized-1 best
    """


def application() -> typer.Typer:
    """The application with all its commands."""
    app = typer.Typer(
        cls=_Commands,
        no_args_is_help=True,
        add_completion=True,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
    )
    app.callback(help=_help(_evo))(_evo)
    for name, command, panel in (
        ("run", run, RUNS),
        ("resume", resume, RUNS),
        ("list", list_saved, RUNS),
        ("hof", hof, RUNS),
        ("compare", compare, RUNS),
        ("replay", replay, RUNS),
        ("verify", verify, RUNS),
        ("show", show, POLICIES),
        ("diff", diff, POLICIES),
        ("lineage", lineage, POLICIES),
        ("explain", explain, POLICIES),
        ("export", export, POLICIES),
        ("eval", evaluate, POLICIES),
        ("validate", validate, POLICIES),
        ("models", models, MODELS),
        ("cost", cost, MODELS),
        ("doctor", doctor, MACHINE),
    ):
        app.command(name, help=_help(command), rich_help_panel=panel)(command)
    app.add_typer(_traces(), name="trace", rich_help_panel=POLICIES)
    app.add_typer(_benches(), name="bench", rich_help_panel=MACHINE)
    return app


def _benches() -> typer.Typer:
    """The commands that begin with `evo bench`."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")
    group.callback(help=_help(bench.bench))(bench.bench)
    group.command("search", help=_help(bench.search))(bench.search)
    group.command("rows", help=_help(bench.rows))(bench.rows)
    return group


def _traces() -> typer.Typer:
    """The commands that begin with `evo trace`."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")
    group.callback(help=_help(trace.trace))(trace.trace)
    group.command("bounds", help=_help(trace.bounds))(trace.bounds)
    return group


def main() -> None:
    """Run the `evo` command."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):  # a stream that Python did not open, under a test runner say
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    application()(prog_name="evo")
