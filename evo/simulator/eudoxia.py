"""Runs a policy on the real Eudoxia, where that is installed: to check evo's simulator against it.

Each run gets a process of its own, in which `eudoxia_worker` imports upstream; nothing of it is imported here. The
process protects evo, not the score: there a policy holds upstream's own objects, from which it can read true costs
and change what it is scored by. So this is for policies that somebody trusts, and never for ranking others.
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec

from evo.errors import InputError
from evo.simulator import EUDOXIA_REVISION
from evo.simulator.events import EventLog
from evo.simulator.parameters import Parameters, RunFailure
from evo.simulator.stats import SimulatorStats
from evo.simulator.trace import Trace, write_trace

NEEDS = "Python 3.12 or later"
INSTALL = f'pip install "eudoxia @ git+https://github.com/BauplanLabs/eudoxia@{EUDOXIA_REVISION}"'
"""Upstream is on no package index."""

_ONE_THREAD = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")


class Request(msgspec.Struct, frozen=True):
    """What the child is to run: `trace` is the text of a CSV, or None for upstream's own generator."""

    source: str
    key: str
    parameters: dict[str, Any]
    trace: str | None


class Answer(msgspec.Struct, frozen=True):
    """What became of it, one of the first three, and what happened on the way."""

    stats: SimulatorStats | None = None
    failure: RunFailure | None = None
    unusable: str | None = None
    """Why upstream can't be imported."""
    events: list[dict[str, Any]] = []


_ANSWERS: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


def is_installed() -> bool:
    """Whether there is a package of that name."""
    return importlib.util.find_spec("eudoxia") is not None


def revision() -> str:
    """The revision that is installed, or "unknown": only an installation from git says which."""
    with suppress(metadata.PackageNotFoundError, ValueError, AttributeError, TypeError):
        origin = json.loads(metadata.distribution("eudoxia").read_text("direct_url.json") or "{}")
        return str(origin.get("vcs_info", {}).get("commit_id", "unknown"))
    return "unknown"


def check_installed() -> None:
    """Raise InputError, naming the mend, if there is no such package."""
    if not is_installed():
        here = ".".join(map(str, sys.version_info[:3]))
        raise InputError(f"eudoxia isn't installed: with {NEEDS} (this is {here}), {INSTALL}")


@dataclass(frozen=True, slots=True)
class Eudoxia:
    """Upstream as a simulator; a run may take as many wall seconds as `seconds` says.

    Raises InputError, naming the mend, if upstream isn't installed.
    """

    seconds: float = 3600.0

    def __post_init__(self) -> None:
        check_installed()

    def run(
        self,
        source: str,
        key: str,
        workload: Trace | None,
        parameters: Parameters,
        record: EventLog | None = None,
    ) -> SimulatorStats | RunFailure:
        """What upstream makes of the policy `source`, which registers `key`, as `engine.simulate` would give it.

        The workload is a trace, or None for what upstream generates. Beyond upstream's own failures there are the
        kinds "time" and "crash" for a run that didn't end by itself. Raises InputError if upstream can't be imported.
        """
        trace = None if workload is None else write_trace(workload)
        asked = {**parameters.given, "scheduler_algo": key}
        request = Request(source, key, asked, trace)
        answer = self._ask(msgspec.msgpack.encode(request))
        if answer.unusable is not None:
            raise InputError(f"eudoxia can't be imported: {answer.unusable}: with {NEEDS}, {INSTALL}")
        if record is not None:
            record.lines.extend(answer.events)
        result = answer.stats or answer.failure
        assert result is not None
        return result

    def _ask(self, request: bytes) -> Answer:
        with subprocess.Popen(
            [sys.executable, "-s", "-P", "-m", "evo.simulator.eudoxia_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            cwd="/",
            start_new_session=True,  # Ctrl-C is the owner's business
        ) as process:
            try:
                data, _ = process.communicate(request, self.seconds)
            except subprocess.TimeoutExpired:
                return _cut_short("time", f"upstream took more than {self.seconds:g} seconds")
            finally:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
        try:
            return _ANSWERS.decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return _cut_short("crash", f"upstream's process ended with status {process.returncode}")


def _cut_short(kind: str, message: str) -> Answer:
    return Answer(failure=RunFailure(kind, message, None, "policy"))


def _environment() -> dict[str, str]:
    """All of the child's environment: where Python finds what this process finds, and no key of the user's."""
    home = str(Path(__file__).resolve().parents[2])
    places = [place for place in sys.path if Path(place).is_absolute() and place != home]
    threads = {f"{library}_NUM_THREADS": "1" for library in _ONE_THREAD}
    return {
        **threads,
        "PATH": os.defpath,
        "LC_ALL": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join([home, *places]),
    }
