"""Pictures in files, by matplotlib, which is an extra: the one place that knows it, and makes equal bytes of equal data.

An SVG holds no date and no chance, a PNG no name of a program. Commands draw on the figure that they get here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from evo.cli.files import check_writable, write_bytes
from evo.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

KINDS = (".svg", ".png")


@dataclass(frozen=True, slots=True)
class Line:
    """A line with a band around it: values at places that rise."""

    label: str
    places: Sequence[float]
    middle: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def check_drawable(path: Path) -> None:
    """Raise InputError at once, rather than after long work, if no picture can be drawn into that file."""
    if path.suffix.lower() not in KINDS:
        raise InputError(f"{path}: a picture is an .svg or a .png: name the file so")
    if find_spec("matplotlib") is None:
        raise InputError(
            "a picture needs matplotlib, which isn't installed: pip install 'evo-policies[plot]'"
        )
    check_writable(path)


def drawing(width: float = 8.0, height: float = 5.0) -> Figure:
    """An empty figure of so many inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def draw_lines(axes: Axes, lines: Sequence[Line]) -> None:
    """Each line in a colour of its own, its band in the same; values stand until the next place."""
    for line in lines:
        (drawn,) = axes.step(line.places, line.middle, where="post", label=line.label)
        axes.fill_between(
            line.places, line.low, line.high, step="post", alpha=0.2, color=drawn.get_color(), linewidth=0
        )
    axes.grid(alpha=0.3)
    axes.legend()


def save(figure: Figure, path: Path) -> None:
    """Write a figure as its file's name says; the same figure makes the same bytes. Raises StorageError."""
    import matplotlib as mpl

    kind = path.suffix.lower().removeprefix(".")
    unnamed = {"svg": {"Date": None, "Creator": None}, "png": {"Software": None}}[kind]
    made = BytesIO()
    with mpl.rc_context({"svg.hashsalt": "evo", "svg.fonttype": "none"}):
        figure.savefig(made, format=kind, metadata=unnamed, dpi=144)
    write_bytes(path, made.getvalue())
