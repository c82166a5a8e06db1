"""`evo doctor`: what this machine has, found by trying rather than by asking.

A key's value is never read further than whether it is there. Nothing is installed, saved or sent.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import typer

from evo.cage import landlock
from evo.cage.cores import usable
from evo.cage.layers import layers
from evo.cli.console import results, table, write_json
from evo.cli.options import Json, Populations
from evo.errors import CageError
from evo.llm.keys import VARIABLES, find_key
from evo.runfolder import populations as folder_of
from evo.shipped import read_policy, stock_policies
from evo.simulator import EUDOXIA_REVISION, SIMULATOR_VERSION

DISTRIBUTION = "evo-policies"

_GREEDY = """
@register_scheduler_init(key="probe")
def init(s):
    s.hoard = bytearray(1 << 44)

@register_scheduler(key="probe")
def step(s, results, pipelines):
    return [], []
"""
_ENDLESS = _GREEDY.replace("s.hoard = bytearray(1 << 44)", "while True:\n        pass")
_ONE_TICK = {"duration": 1, "ticks_per_second": 10, "num_pools": 1}


def doctor(as_json: Json = False, populations: Populations = None) -> None:
    """Say what this machine has: Python, cores, the cage, keys, upstream Eudoxia, disk.

    The cage is tried out: each of its layers, then a policy runs in it, one asks for more memory than it may have, one
    never ends. A layer that is missing is one less between hostile code and this machine. Keys are
    only looked for, never shown; without any, everything but models works. Exits with 1 if evo can't run here.

        $ evo doctor
        $ evo doctor --json
    """
    report = examine(populations)
    if as_json:
        write_json(report)
    else:
        _show(report)
    if not (report["cage"]["works"] and report["populations"]["writable"]):
        raise typer.Exit(1)


def evo_version() -> str:
    """The version of evo, as installed."""
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return "not installed"


def examine(populations: Path | None) -> dict[str, Any]:
    """All findings, ready for JSON."""
    return {
        "python": {"version": platform.python_version(), "executable": sys.executable},
        "system": {"platform": platform.platform(), "cores": _cores()},
        "evo": evo_version(),
        "simulator": _simulator(),
        "dependencies": _dependencies(),
        "cage": _cage(),
        "keys": {VARIABLES[service]: find_key(service) is not None for service in ("anthropic", "openai")},
        "eudoxia": _upstream(),
        "populations": _storage(populations),
    }


def _simulator() -> dict[str, Any]:
    from evo.simulator import engine

    compiled = not str(engine.__file__).endswith(".py")
    return {"name": "evo", "version": SIMULATOR_VERSION, "eudoxia": EUDOXIA_REVISION, "compiled": compiled}


def _cores() -> int:
    return len(usable()) or os.cpu_count() or 1


def _dependencies() -> dict[str, str]:
    try:
        wanted = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return {}
    names = [re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0] for line in wanted if "extra ==" not in line]
    found = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "missing"
    return found


def _upstream() -> dict[str, Any]:
    """Upstream isn't needed for anything but comparing."""
    from evo.simulator.eudoxia import INSTALL, NEEDS, is_installed, revision

    installed = is_installed()
    return {
        "installed": installed,
        "revision": revision() if installed else None,
        "install": INSTALL,
        "needs": NEEDS,
    }


def _storage(root: Path | None) -> dict[str, Any]:
    folder = folder_of(root)
    place = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"evo")
        writable = True
    except OSError:
        writable = False
    return {"path": str(folder), "writable": writable, "free_bytes": shutil.disk_usage(place).free}


def _cage() -> dict[str, Any]:
    """Which of its layers hold, and what happened to three policies."""
    found = [
        {
            "name": layer.name,
            "active": layer.active,
            "meaning": layer.keeps if layer.active else layer.without,
        }
        for layer in layers()
    ]
    report: dict[str, Any] = {"layers": found, "landlock": landlock.version()}
    try:
        ran = _fate(read_policy(stock_policies()["naive"]), "naive", seconds=60)
        memory, endless = _fate(_GREEDY, "probe", seconds=60), _fate(_ENDLESS, "probe", seconds=0.5)
    except CageError as error:
        return report | {"works": False, "error": str(error)}
    held = {"policy_ran": ran == "ran", "memory_limit": memory == "memory", "time_limit": endless == "time"}
    return report | held | {"works": all(held.values()), "error": None}


def _fate(source: str, key: str, *, seconds: float) -> str:
    """What became of a policy in the cage: "ran", or the kind of its failure."""
    from evo.cage import Cage, Limits
    from evo.simulator.engine import simulate
    from evo.simulator.parameters import Parameters, RunFailure

    parameters = Parameters.complete(_ONE_TICK)
    with Cage(Limits(seconds=seconds)) as cage, cage.decider(source, key) as decider:
        outcome = simulate(decider, [], parameters)
    # Nothing arrives, so nothing ends, and upstream can't sum that up: the run itself was whole.
    if isinstance(outcome, RunFailure) and outcome.phase != "statistics":
        return outcome.kind
    return "ran"


def _show(report: Mapping[str, Any]) -> None:
    console = results()
    findings = table("", "found", "remark")
    for row in _rows(report):
        findings.add_row(*row)
    console.print(findings)
    if not report["eudoxia"]["installed"]:
        console.print(f"to compare with upstream ({report['eudoxia']['needs']}):", soft_wrap=True)
        console.print(report["eudoxia"]["install"], soft_wrap=True)


def _rows(report: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    cage, storage, upstream = report["cage"], report["populations"], report["eudoxia"]
    held = [name.replace("_", " ") for name in ("policy_ran", "memory_limit", "time_limit") if cage.get(name)]
    rows = [
        ("Python", report["python"]["version"], report["python"]["executable"]),
        ("cores", str(report["system"]["cores"]), report["system"]["platform"]),
        ("evo", report["evo"], ""),
        ("simulator", *_made(report["simulator"])),
        *((name, version, "") for name, version in report["dependencies"].items()),
        (
            "cage",
            "works" if cage["works"] else "FAILS",
            cage["error"] or f"tried: {', '.join(held) or 'nothing held'}",
        ),
        *(
            (layer["name"], "active" if layer["active"] else "MISSING", layer["meaning"])
            for layer in cage["layers"]
        ),
        *(
            (name, "set" if there else "not set", "" if there else "only for models")
            for name, there in report["keys"].items()
        ),
        ("eudoxia", *_beside(upstream)),
    ]
    free = f"{storage['free_bytes'] / 1e9:.1f} GB free"
    remark = (
        free if storage["writable"] else f"{free}; make it writable, or give another with EVO_POPULATIONS"
    )
    return [
        *rows,
        (
            "populations",
            "writable" if storage["writable"] else "NOT WRITABLE",
            f"{storage['path']}: {remark}",
        ),
    ]


def _made(simulator: Mapping[str, Any]) -> tuple[str, str]:
    made = "compiled" if simulator["compiled"] else "not compiled (README: How fast it is)"
    return simulator["version"], f"equals Eudoxia {simulator['eudoxia'][:7]}; {made}"


def _beside(upstream: Mapping[str, Any]) -> tuple[str, str]:
    if not upstream["installed"]:
        return ("not installed", "only for comparing")
    found = upstream["revision"]
    remark = "" if found == EUDOXIA_REVISION else f", evo equals {EUDOXIA_REVISION[:7]}"
    return ("installed", f"only for comparing: revision {found[:7]}{remark}")
