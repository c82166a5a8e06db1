"""The options of `evo run` and `evo resume`: what each means, and its default, which is the configuration's own."""

from __future__ import annotations

from typing import Annotated

import typer

from evo.cli.options import suite_option
from evo.config import RunConfig
from evo.metric import Metric

MODELS = "Language models"
DEFAULTS = RunConfig()
"""What the help names is what runs."""

NewName = Annotated[
    str | None,
    typer.Option("--name", "-n", help="What the run is called.", show_default="SUITE-METRIC-1, -2, …"),
]
Suite = Annotated[str | None, suite_option("The traces to be scored on.", DEFAULTS.suite)]
Objective = Annotated[
    list[Metric] | None,
    typer.Option(
        "--metric",
        "-m",
        help="What is optimised; given several times, a Pareto front is.",
        show_default=DEFAULTS.metrics[0].value,
    ),
]
Generations = Annotated[
    int | None,
    typer.Option(
        "--generations",
        "-g",
        help="Generations after the first population.",
        show_default=str(DEFAULTS.generations),
    ),
]
Evaluations = Annotated[
    int | None,
    typer.Option(
        "--evaluations",
        "-e",
        help="Stop when so many policies were scored; there are as many generations as that takes.",
        show_default="never",
    ),
]
Population = Annotated[
    int | None,
    typer.Option(
        "--population", "-p", help="How many survive a generation (μ).", show_default=str(DEFAULTS.population)
    ),
]
Children = Annotated[
    int | None,
    typer.Option(
        "--children", help="How many are born in a generation (λ).", show_default=str(DEFAULTS.children)
    ),
]
Tournament = Annotated[
    int | None,
    typer.Option(
        "--tournament",
        "-k",
        help="How many compete to become a parent.",
        show_default=str(DEFAULTS.tournament),
    ),
]
Seed = Annotated[
    int | None,
    typer.Option("--seed", "-s", help="The one source of chance.", show_default=str(DEFAULTS.seed)),
]
Init = Annotated[
    list[str] | None,
    typer.Option(
        "--init",
        metavar="DIR|FILE|STOCK",
        help="The first population; may be given several times.",
        show_default="all stock policies",
    ),
]
Target = Annotated[
    str | None,
    typer.Option(
        "--target",
        metavar="VALUE|gap=TIMES",
        help="Stop once the best is this good, or misses what no policy can better by so many times.",
        show_default="never",
    ),
]
Patience = Annotated[
    int | None,
    typer.Option(
        "--patience", help="Stop after so many generations without a new best.", show_default="never"
    ),
]
Models = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        metavar="SERVICE:ID[=WEIGHT]|URL#NAME",
        help="A language model that makes children; may be given several times.",
        show_default="none: nobody is asked",
        rich_help_panel=MODELS,
    ),
]
Share = Annotated[
    float | None,
    typer.Option(
        "--model-share",
        metavar="0..1",
        help="What part of the children models make; the others are varied offline.",
        show_default=str(DEFAULTS.model_share),
        rich_help_panel=MODELS,
    ),
]
ModelsPolicy = Annotated[
    str | None,
    typer.Option(
        "--models-policy",
        metavar="fixed|bandit",
        help="Which of several is asked: by weight, or rather who improved most for a dollar.",
        show_default=DEFAULTS.models_policy,
        rich_help_panel=MODELS,
    ),
]
Strategy = Annotated[
    str | None,
    typer.Option(
        "--strategy",
        metavar="evolution|independent|chat",
        help="Evolve; or ask for the same each time (best of N); or in one conversation.",
        show_default=DEFAULTS.strategy,
        rich_help_panel=MODELS,
    ),
]
Style = Annotated[
    str | None,
    typer.Option(
        "--answer",
        metavar="whole|edits",
        help="Answers are whole policies, or SEARCH/REPLACE edits.",
        show_default=DEFAULTS.answer,
        rich_help_panel=MODELS,
    ),
]
Effort = Annotated[
    str | None,
    typer.Option(
        "--effort",
        metavar="low|medium|high|…",
        help="How hard a model is to think.",
        show_default="as the service likes",
        rich_help_panel=MODELS,
    ),
]
Budget = Annotated[
    float | None,
    typer.Option(
        "--budget",
        metavar="DOLLARS",
        help="What models may cost in all: a hard cap.",
        show_default="no cap",
        rich_help_panel=MODELS,
    ),
]
Batch = Annotated[
    bool | None,
    typer.Option(
        "--batch",
        help="Ask for a generation at once, in batches: at half the price, and within a day.",
        show_default="one by one",
        rich_help_panel=MODELS,
    ),
]
InFlight = Annotated[
    int,
    typer.Option(
        "--in-flight",
        min=1,
        max=1000,
        help="Calls at a time; results don't depend on it.",
        rich_help_panel=MODELS,
    ),
]
Overlap = Annotated[
    int | None,
    typer.Option(
        "--overlap",
        min=0,
        max=1,
        help="1: begin a generation before the last is complete, from parents of the one before.",
        show_default=str(DEFAULTS.overlap),
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Any key of a configuration, above all what has no option of its own: islands, migration, niches, novelty, "
        "stages, adaptation, crossover, elites. Repeatable.",
        show_default=False,
    ),
]
More = Annotated[
    str | None,
    typer.Option(
        "--generations",
        "-g",
        metavar="+G|G",
        help="Do G more than were asked for; without the sign, G in all.",
    ),
]
