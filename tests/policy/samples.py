"""Policies that the tests of this room work on: the stock ones, and one as models write them."""

from __future__ import annotations

from pathlib import Path

STOCK = sorted((Path(__file__).parents[2] / "populations" / "baseline").glob("*.py"))

SHORT = """\
@register_scheduler_init(key="short")
def init(s):
    s.queue = []


@register_scheduler(key="short")
def schedule(s, results, pipelines):
    s.queue.extend(pipelines)
    out = []
    for pipeline in s.queue:
        for op in pipeline.runtime_status().get_ops(ASSIGNABLE_STATES)[:1]:
            out.append(Assignment([op], 1, 2, pipeline.priority, 0, pipeline.pipeline_id))
    return [], out
"""
"""No imports, as in the paper's examples."""

SOURCES = [SHORT, *(path.read_text(encoding="utf-8") for path in STOCK)]


def body(text: str) -> str:
    """A policy whose scheduler has these lines and returns nothing to do."""
    lines = "".join(f"    {line}\n" for line in text.splitlines())
    return SHORT[: SHORT.index("    s.queue.extend")] + lines + "    return [], []\n"
