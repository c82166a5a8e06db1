"""A policy that the tests break and have mended, and the way from broken text to mended text."""

from __future__ import annotations

import pytest

from evo.errors import PolicyError
from evo.policy import parse
from evo.population import Policy
from evo.variation.mending import mended

INIT = """\
@register_scheduler_init(key="fit")
def init(s):
    s.queue = []
    s.ram = {}


"""
HELPER = """\
def fits(pool, ram):
    return pool.avail_cpu_pool >= 1 and pool.avail_ram_pool >= ram


"""
SCHEDULER = """\
@register_scheduler(key="fit")
def schedule(s, results, pipelines):
    s.queue.extend(pipelines)
    for result in results:
        if result.failed():
            s.ram.update({op: 2 * result.ram for op in result.ops})
    assignments = []
    for pool in s.executor.pools:
        for pipeline in s.queue:
            for op in pipeline.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True)[:1]:
                if fits(pool, s.ram.get(op, 8)) and not assignments:
                    assignments.append(
                        Assignment([op], 1, s.ram.get(op, 8), pipeline.priority, pool.pool_id, pipeline.pipeline_id)
                    )
    return [], assignments
"""
GOOD = INIT + HELPER + SCHEDULER
LOOP = "    assignments = []\n"
END = "    return [], assignments\n"


def with_line(line: str, before: str = LOOP, text: str = GOOD) -> str:
    """A text with lines of its scheduler before another of its lines."""
    lines = "".join(f"    {part}\n" for part in line.split("\n"))
    assert before in text
    return text.replace(before, lines + before)


def tried(text: str) -> Policy | None:
    """What mending makes of a text that is no policy."""
    with pytest.raises(PolicyError) as caught:
        parse(text)
    return mended(text, caught.value)
