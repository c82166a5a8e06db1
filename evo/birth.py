"""What a run is born with: its suite, its first population and its prompts, gathered from where the user has them.

From then on the run needs nothing outside its own folder.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from evo import shipped
from evo.config import RunConfig
from evo.errors import InputError, PolicyError, RunError
from evo.evaluation.suite_file import load_suite
from evo.evaluation.suites import Suite, suite_files
from evo.journal import Journal, Kit
from evo.policy import parse
from evo.population import Policy


def gathered(config: RunConfig) -> Kit:
    """Everything that the configuration refers to; raises InputError for what can't be used."""
    suite = load_suite(config.suite)
    return Kit(suite.digest, _first_population(config.init), {**suite_files(suite), **_prompts()})


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


def load_policy(path: Path) -> Policy:
    """The policy in a file; raises InputError that names the file and the line."""
    try:
        return parse(shipped.read_policy(path))
    except PolicyError as error:
        raise InputError(f"{path}: {error}") from error


def _first_population(names: Iterable[str]) -> list[tuple[str, Policy]]:
    """(name, policy) of those that the user named, or of all stock policies, without twins."""
    files = [path for name in names or shipped.stock_policies() for path in shipped.policy_files(name)]
    if not files:
        raise InputError(f"{shipped.baseline()}: no stock policy there; give --init a policy's file")
    initial: dict[str, tuple[str, Policy]] = {}
    for path in files:
        policy = load_policy(path)
        initial.setdefault(policy.hash, (path.stem, policy))
    return list(initial.values())


def _prompts() -> dict[str, bytes]:
    """The prompts' files by their path in a run's folder."""
    folder = shipped.markdown()
    return {
        f"prompts/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in sorted(folder.rglob("*.md"))
    }
