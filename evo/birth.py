"""What a run is born with: its suite, its first population and its prompts, gathered from where the user has them.

From then on the run needs nothing outside its own folder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import product
from pathlib import Path

from evo import shipped
from evo.config import RunConfig
from evo.errors import InputError, PolicyError, RunError
from evo.evaluation.classes import NAMES
from evo.evaluation.metrics import harmless
from evo.evaluation.stages import best_fitness
from evo.evaluation.suite_file import load_suite
from evo.evaluation.suites import Suite, suite_files
from evo.journal import Journal, Kit
from evo.metric import Metric
from evo.policy import parse
from evo.population import Failure, FailureKind, Founder, Policy


def gathered(config: RunConfig, *, selects: bool = True) -> Kit:
    """Everything that the configuration refers to; raises InputError for what can't be used.

    A run that selects nobody at its end is born with the train traces alone.
    """
    suite = load_suite(config.suite)
    if not selects:
        suite = suite.part("train")
    _check(suite, config.metrics)
    return Kit(
        suite.digest,
        _first_population(config.init),
        {**suite_files(suite), **_prompts()},
        best_fitness(suite, config.metrics),
    )


def _check(suite: Suite, metrics: Iterable[Metric]) -> None:
    """Raise InputError for a metric of one class by which no policy could be scored, since none of that class arrives."""
    scored = suite.traces + suite.selection
    for metric, trace in product((one for one in metrics if one.of_class), scored):
        schedule = trace.schedule(suite.parameters.ticks_per_second, suite.parameters.max_ticks)
        classes = {NAMES[spec.priority] for _, specs in schedule for spec in specs}
        if metric.of_class not in classes:
            raise InputError(
                f"trace {trace.name}: no {metric.counted} arrives, so {metric.value} can't be scored there; "
                "leave that --metric out, or give a --suite whose traces all have some"
            )


def suite_of(journal: Journal) -> Suite:
    """The suite that the run was born with; raises RunError if its files were changed."""
    try:
        suite = load_suite(journal.folder / "suite.toml")
    except InputError as error:
        raise RunError(str(error)) from error
    if suite.digest != journal.header.suite:
        raise RunError(
            f"{journal.folder / 'suite.toml'}: it or its traces changed since the run began; restore them"
        )
    return suite


def stock_policy(name: str) -> Policy:
    """The stock policy of that name, which there must be."""
    return load_policy(shipped.stock_policies()[name])


def load_policy(path: Path, *, trusted: bool = False) -> Policy:
    """The policy in a file; raises InputError that names the file and the line. For `trusted` see `policy.parse`."""
    founder = founded(path, trusted=trusted)
    if founder.refusal is not None:
        line = founder.refusal.line
        where = path if line is None else f"{path}: line {line}"
        raise InputError(f"{where}: {founder.refusal.message}")
    return founder.policy


def founded(path: Path, *, trusted: bool = False) -> Founder:
    """What is in a policy's file, be it a policy or not; raises InputError only if it can't be read."""
    data = shipped.read_start(path)
    text = data.decode("utf-8", "backslashreplace").replace("\r\n", "\n").replace("\r", "\n")
    try:
        data.decode("utf-8")
        return Founder(path.stem, parse(text, trusted=trusted))
    except UnicodeDecodeError as error:
        message = f"byte {error.start} is not UTF-8; save the file as UTF-8"
        refusal = Failure(FailureKind.SYNTAX, message)
    except PolicyError as error:
        refusal = Failure(FailureKind(error.kind), harmless(error.message), line=error.line)
    own = hashlib.sha256(b"refused\0" + text.encode()).hexdigest()
    return Founder(path.stem, Policy(source=text, hash=own, key=""), refusal)


def _first_population(names: Iterable[str]) -> list[Founder]:
    """What the user named, or all stock policies, without twins; what is no policy is there with the reason."""
    files = [path for name in names or shipped.stock_policies() for path in shipped.policy_files(name)]
    if not files:
        raise InputError(f"{shipped.baseline()}: no stock policy there; give --init a policy's file")
    initial: dict[str, Founder] = {}
    for path in files:
        founder = founded(path)
        initial.setdefault(founder.policy.hash, founder)
    return list(initial.values())


def _prompts() -> dict[str, bytes]:
    """The prompts' files by their path in a run's folder."""
    folder = shipped.markdown()
    return {
        f"prompts/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in sorted(folder.rglob("*.md"))
    }
