"""Compiles the simulator's core with mypyc into the wheel, where that is asked for.

    HATCH_BUILD_HOOKS_ENABLE=1 pip install .

The source stays as it is, and an editable install never has it: there an edited file would go unnoticed. Needs a C
compiler.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ENGINE = (
    "agenda", "books", "changes", "container", "engine", "estimator", "events", "leaps", "load", "memory", "pool",
    "pressure", "progress", "scaling", "sums",
)  # fmt: skip
HOST = ("host", "mirror")
"""Modules in which runs spend their time, and whose classes no policy ever sees."""

FLAGS = ("--config-file=", "--ignore-missing-imports", "--follow-imports=silent")
"""The rest of the package is checked elsewhere, with its dependencies at hand."""


class CompileHook(BuildHookInterface[Any]):
    """Adds the compiled modules beside their sources."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before the wheel is put together."""
        if version == "editable":
            return
        place = Path(tempfile.mkdtemp(prefix="evo-compiled-"))
        for path in self._compiled(place):
            build_data["force_include"][str(path)] = str(path.relative_to(place / "built"))
        build_data["pure_python"] = False
        build_data["infer_tag"] = True

    def _compiled(self, place: Path) -> list[Path]:
        from mypyc.build import mypycify
        from setuptools import Distribution

        simulator = Path(self.root, "evo", "simulator")
        modules = [simulator / f"{name}.py" for name in ENGINE]
        modules += [simulator / "scheduling" / f"{name}.py" for name in HOST]
        paths = [str(module.relative_to(self.root)) for module in modules]
        extensions = mypycify(
            [*FLAGS, *paths],
            target_dir=str(place / "c"),
            group_name="evo_simulator",
            only_compile_paths=paths,
        )
        command = Distribution({"name": "evo", "packages": [], "ext_modules": extensions}).get_command_obj(
            "build_ext"
        )
        command.build_lib, command.build_temp = str(place / "built"), str(place / "objects")
        command.ensure_finalized()
        command.run()
        return sorted(path for path in (place / "built").rglob("*") if path.is_file())
