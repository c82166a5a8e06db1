"""The house rules that no linter knows: imports point down, modules stay small, and certain things don't exist."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from evo.config import RunConfig

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "evo").rglob("*.py"))

LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"errors", "printable"}),
    frozenset({"population", "shipped"}),
    frozenset({"config"}),
    frozenset({"policy", "llm", "cage", "simulator"}),
    frozenset({"variation", "evaluation", "selection", "journal"}),
    frozenset({"evolution"}),
    frozenset({"evo"}),
    frozenset({"cli", "report"}),
)
"""Rooms from the lowest to the highest; "evo" is the public interface in evo/__init__.py."""

ROOMS = {
    "behaviour": "population",
    "bench": "evolution",
    "birth": "evolution",
    "arms": "evolution",
    "breeding": "evolution",
    "session": "evolution",
    "consulting": "evolution",
    "questions": "evolution",
    "credit": "evolution",
    "demands": "evolution",
    "diversity": "evolution",
    "desk": "evolution",
    "explain": "evolution",
    "prompted": "evolution",
    "answers": "journal",
    "outstanding": "journal",
    "saved_failure": "journal",
    "fame": "population",
    "finals": "evolution",
    "front": "population",
    "insights": "population",
    "metric": "population",
    "nursery": "evolution",
    "overfitting": "population",
    "starving": "population",
    "pending": "journal",
    "recalling": "evolution",
    "records": "journal",
    "replaying": "evolution",
    "rescoring": "evolution",
    "runfolder": "journal",
    "saved": "journal",
    "spending": "journal",
    "validation": "evolution",
    "verify": "evolution",
    "__init__": "evo",
    "__main__": "cli",
}
"""Files that share a room with another."""

NEIGHBOURS = {("cage", "simulator")}
"""Rooms on one level of which the first may import the second: the cage speaks the simulator's messages."""

ALONE = {"simulator", "llm"}
"""Rooms that could be published alone: they import nothing of evo but its errors."""

OWNERS = {
    "deap": {"selection"},
    "libcst": {"policy", "variation"},
    "matplotlib": {"cli"},
    "typer": {"cli"},
    "rich": {"cli"},
    "anthropic": {"llm"},
    "genai_prices": {"llm"},
    "openai": {"llm"},
}
"""Libraries that only these rooms may import."""

RUNS_POLICIES = ("evo/cage/", "evo/simulator/scheduling/", "evo/simulator/eudoxia_worker.py")
"""Where a policy's code is run: whatever it raises is caught there, and what it draws from is seeded there."""

CHANGES = {"append", "extend", "insert", "add", "update", "setdefault", "pop", "remove", "discard", "clear"}
"""Methods that change a list, a dict or a set."""


def room_of(module: str) -> str:
    """The room of a dotted module name within evo."""
    parts = module.split(".")
    name = parts[1] if len(parts) > 1 else "__init__"
    return ROOMS.get(name, name)


def level_of(room: str) -> int:
    """How high a room lies."""
    return next(height for height, rooms in enumerate(LEVELS) if room in rooms)


def module_of(path: Path) -> str:
    """A file's dotted name."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def tree_of(path: Path) -> ast.Module:
    """A file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> Iterator[str]:
    """Every module that a file imports, wherever in it; `from evo import x` is `evo.x` where that is a module.

    A bare `import evo`, which only tells where the package lies, doesn't count.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name != "evo")
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            inside = [name for name in names if (ROOT / Path(*name.split("."))).with_suffix(".py").exists()]
            yield from inside or [str(node.module)]


@pytest.fixture(params=SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def source(request: pytest.FixtureRequest) -> Path:
    """Each file of evo in turn."""
    path = request.param
    assert isinstance(path, Path)
    return path


def test_imports_point_down(source: Path) -> None:
    """A room imports itself and lower rooms; those that could be published alone import only errors."""
    room = room_of(module_of(source))
    for name in imports(tree_of(source)):
        if name.split(".")[0] != "evo":
            continue
        other = room_of(name)
        assert other == room or (room, other) in NEIGHBOURS or level_of(other) < level_of(room), (
            f"{room} imports {name}"
        )
        assert room not in ALONE or other in {room, "errors"}, f"{room} imports {name}"


def test_libraries_have_their_rooms(source: Path) -> None:
    """Each heavy library is known to one room only."""
    room = room_of(module_of(source))
    for name in imports(tree_of(source)):
        owners = OWNERS.get(name.split(".")[0])
        assert owners is None or room in owners, f"{room} imports {name}"


def test_sizes(source: Path) -> None:
    """A module has at most 300 lines and a function at most 40, its docstring aside; each module states its law."""
    text = source.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    tree = tree_of(source)
    assert ast.get_docstring(tree) or not text.strip()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            documented = ast.get_docstring(node) is not None
            first = node.body[0]
            words = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
            assert (node.end_lineno or 0) - node.lineno + 1 - words <= 40, node.name


def test_what_must_not_exist(source: Path) -> None:
    """No helpers' corner, no managers, no `global`, no print outside the command line, nothing left to do."""
    text = source.read_text(encoding="utf-8")
    assert source.stem not in {"utils", "helpers", "common", "misc"}
    assert not any(word in text for word in ("TODO", "FIXME", "XXX"))
    for node in ast.walk(tree_of(source)):
        assert not isinstance(node, ast.Global)
        if isinstance(node, ast.ClassDef):
            assert not node.name.endswith(("Manager", "Controller"))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            assert room_of(module_of(source)) == "cli"


def test_nothing_is_swallowed(source: Path) -> None:
    """Only code that runs a policy keeps every exception to itself; others may clean up and raise it again."""
    if source.relative_to(ROOT).as_posix().startswith(RUNS_POLICIES):
        return
    for node in ast.walk(tree_of(source)):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, node.lineno
            if isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None:
                continue
            caught = {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)}
            assert not caught & {"Exception", "BaseException"}, node.lineno


def test_modules_hold_no_state(source: Path) -> None:
    """What stands in a module is never changed: its tables are full from the start, and nobody writes to them."""
    tree = tree_of(source)
    tables: set[str] = set()
    empty = {"[]", "{}", "list()", "dict()", "set()", "deque()"}
    for line in tree.body:
        if not isinstance(line, (ast.Assign, ast.AnnAssign)) or line.value is None:
            continue
        targets = line.targets if isinstance(line, ast.Assign) else [line.target]
        tables |= {target.id for target in targets if isinstance(target, ast.Name)}
        assert ast.unparse(line.value) not in empty, line.lineno
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            assert ast.unparse(node.value) not in tables, node.lineno
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES:
            assert ast.unparse(node.func.value) not in tables, node.lineno


def test_chance_and_time_come_from_outside(source: Path) -> None:
    """Results draw on no global generator and no calendar; only the command line and reports may tell the date."""
    if source.relative_to(ROOT).as_posix().startswith(RUNS_POLICIES):
        return
    room = room_of(module_of(source))
    tree = tree_of(source)
    names = set(imports(tree))
    assert "random" not in names or room == "selection"
    assert not names & {"datetime", "secrets"} or room in {"cli", "report"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in {"np.random", "numpy.random"}:
            assert node.attr in {"default_rng", "Generator"}, node.lineno
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "time":
            assert node.attr != "time" or room in {"cli", "report"}, node.lineno


def test_every_setting_is_read() -> None:
    """No field of the configuration stands there for show: each is read outside of config.py."""
    read = {
        node.attr
        for path in SOURCES
        if path.name != "config.py"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith("config")
    }
    assert set(RunConfig.__struct_fields__) <= read


def test_import_is_quick() -> None:
    """`import evo` loads no library; what is heavy comes when it is needed."""
    code = "import sys, evo; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert not set(loaded.stdout.split()) & {*OWNERS, "numpy", "msgspec", "multiprocessing"}


def test_the_rules_see_something() -> None:
    """The files that these rules are about exist, so that no rule holds for want of them."""
    assert len(SOURCES) > 20
    assert all(list(ROOT.glob(f"{place}*")) for place in RUNS_POLICIES)
    assert "evo.population" in set(imports(tree_of(ROOT / "evo" / "selection.py")))
