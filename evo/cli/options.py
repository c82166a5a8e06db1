"""Options and arguments that several commands share, so that they read the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Write JSON to stdout, and nothing else.")]
Populations = Annotated[
    Path | None,
    typer.Option(
        "--populations",
        envvar="EVO_POPULATIONS",
        metavar="DIR",
        help="The folder of saved runs.",
        show_default="populations",
    ),
]
RunName = Annotated[str, typer.Argument(metavar="NAME", help="The run's name, see `evo list`.")]
ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config", "-c", metavar="F.toml", help="A configuration; the options here stand above it."
    ),
]
IndividualId = Annotated[
    str, typer.Argument(metavar="ID", help="A policy's number, the beginning of its hash, or `best`.")
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        "-w",
        min=1,
        help="Policies scored at a time; results don't depend on it.",
        show_default="all cores",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there.")]

Top = Annotated[
    int | None, typer.Option("--top", "-n", min=1, help="How many.", show_default="the run's own")
]
Traces = Annotated[
    list[str] | None,
    typer.Option("--trace", metavar="T.csv", help="A workload of your own; may be given several times."),
]
Plot = Annotated[
    Path | None,
    typer.Option(
        "--plot",
        metavar="FILE",
        help="Draw it into an .svg or a .png; needs matplotlib.",
        show_default="none",
    ),
]


def suite_option(words: str, default: str) -> Any:
    """The option that names a suite: what that is for, and what stands where it isn't given."""
    return typer.Option("--suite", metavar="quick|paper|S.toml", help=words, show_default=default)
