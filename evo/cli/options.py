"""Options and arguments that several commands share, so that they read the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

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
