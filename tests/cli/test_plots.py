"""Pictures in files: equal data make equal bytes, and nothing in them tells of a day or a machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from evo.cli.plots import Line, check_drawable, draw_lines, drawing, save
from evo.errors import InputError, StorageError

SCRIPT = """
from pathlib import Path
from tests.cli.test_plots import draw

for path in {paths!r}:
    draw(Path(path))
"""


def draw(path: Path) -> None:
    """Two lines in a file."""
    figure = drawing(4, 3)
    axes = figure.subplots()
    draw_lines(axes, [Line(name, (0, 1, 2), (3, 2, 2), (3, 1, 1), (3, 3, 2)) for name in ("one", "two")])
    save(figure, path)


def test_equal_data_make_equal_bytes(tmp_path: Path) -> None:
    """In another process, with other hashes and another day, the same bytes; and no date and no maker in them."""
    kinds = ("svg", "png")
    paths = [str(tmp_path / f"there.{kind}") for kind in kinds]
    environment = {**os.environ, "PYTHONHASHSEED": "7", "SOURCE_DATE_EPOCH": "86400"}
    subprocess.run([sys.executable, "-c", SCRIPT.format(paths=paths)], env=environment, check=True)
    for kind in kinds:
        draw(tmp_path / f"here.{kind}")
        data = (tmp_path / f"here.{kind}").read_bytes()
        assert data == (tmp_path / f"there.{kind}").read_bytes()
        assert not any(word in data for word in (b"dc:date", b"dc:creator", b"Software"))


def test_a_figure_keeps_its_words(tmp_path: Path) -> None:
    """Text in an SVG is text, and a disk that refuses is said to."""
    draw(tmp_path / "drawn.svg")
    assert ">two</text>" in (tmp_path / "drawn.svg").read_text()
    with pytest.raises(StorageError, match="No such file"):
        draw(tmp_path / "nowhere" / "drawn.svg")


def test_it_is_known_early_that_nothing_can_be_drawn(tmp_path: Path) -> None:
    """A file's name says what is drawn, in small letters or large ones."""
    check_drawable(tmp_path / "picture.SVG")
    with pytest.raises(InputError, match=r"an \.svg or a \.png"):
        check_drawable(tmp_path / "picture.pdf")
