"""A first-come-first-served policy in which one number matters, and what may be added to it."""

from __future__ import annotations

from textwrap import dedent, indent

from evo.policy import parse
from evo.population import Policy

SOURCE = '''"""First come, first served."""

SIZE = 100
UNUSED = 3


@register_scheduler_init(key="fifo")
def init(s):
    s.queue = []
    s.calls = 7


@register_scheduler(key="fifo")
def step(s, results, pipelines):
    """Start what fits."""
    s.queue.extend(pipelines)
BODY
    pool = s.executor.pools[0]
    ram = pool.avail_ram_pool
    orders = []
    for pipeline in s.queue:
        for op in pipeline.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True):
            if ram >= SIZE:
                ram -= SIZE
                orders.append(Assignment([op], 8, SIZE, pipeline.priority, 0, pipeline.pipeline_id))
    return [], orders
'''

DEAD = """
for result in results:
    if result.failed():
        s.calls = 1
    else:
        s.calls += 1
if s.calls < 0:
    s.queue.clear()
"""
"""What is done in each call without any effect."""

QUERIES_FIRST = "s.queue.sort(key=lambda pipeline: pipeline.priority.value)"


def policy(body: str = "") -> Policy:
    """The policy, with more to do in each call."""
    more = indent(dedent(body).strip("\n"), "    ")
    return parse(SOURCE.replace("BODY\n", f"{more}\n" if more else ""))
