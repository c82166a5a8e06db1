"""What the tests ask of the machine: that nothing is compiled in each process anew, no core is fought over, and none idles.

Knows nothing of what is tested. Without xdist, processes are left alone.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

LONGEST = (
    "test_consulting.py",
    "cli/test_search.py",
    "hostile/test_hostile.py",
    "test_pending.py",
    "validation/test_validating.py",
    "bench/test_competing.py",
    "cli/test_validate.py",
    "evaluation/bounds/test_limits.py",
    "test_finals.py",
    "test_outstanding.py",
    "test_public_api.py",
    "test_replaying.py",
    "test_readme.py",
)
"""The modules that take longest: they begin first, so that no process works alone in the end."""


def longest_first(items: list[pytest.Item]) -> None:
    """Put the tests of the longest modules before all others."""
    folder = Path(__file__).parent
    places = {folder / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def keep_bytecode() -> None:
    """Where Python is told to write none, all processes of the tests share what they compile in pytest's own cache.

    There are hundreds of them, and a minute would go on compiling the same modules.
    """
    if sys.dont_write_bytecode:
        sys.dont_write_bytecode = False
        sys.pycache_prefix = str(Path(__file__).parents[1] / ".pytest_cache" / "bytecode")
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.fixture(scope="module", autouse=True)
def bound(request: pytest.FixtureRequest) -> Iterator[None]:
    """Of several test processes each keeps to a core, in turn, and so do all that it starts.

    Else the engine processes of all of them would bind themselves to the first. Modules that are about several
    cores, or all real parts, are marked with `all_cores`.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    everywhere = request.node.get_closest_marker("all_cores") or not hasattr(os, "sched_setaffinity")
    if worker is None or everywhere:
        yield
        return
    all_cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {all_cores[int(worker.removeprefix("gw")) % len(all_cores)]})
    yield
    os.sched_setaffinity(0, all_cores)
