"""What a template does before its first child: import all that policies may, and run a policy of evo's own.

What is in memory by then costs no child anything, and must be: a child opens no file, so what isn't here can't be
imported, on no system. The rehearsed policy leaves nothing behind but an interpreter that has done all of it before.
"""

from __future__ import annotations

import importlib
import sys

from evo.simulator.messages import Arrival, Memory, Observation
from evo.simulator.parameters import Parameters
from evo.simulator.scheduling.host import Host

MODULES = (
    "__future__ abc array bisect cmath collections collections.abc contextlib copy dataclasses datetime decimal enum "
    "fractions functools graphlib hashlib heapq io itertools json logging math numbers operator pprint queue random "
    "re statistics string sys textwrap time traceback types typing uuid warnings weakref zlib "
    "numpy numpy.fft numpy.linalg numpy.random numpy.typing"
)
"""What policies may import (`policy.allowed` names it too; a test compares them)."""

_LAZY = (
    "encodings.ascii encodings.cp1252 encodings.latin_1 encodings.utf_8_sig encodings.utf_16 encodings.utf_32 "
    "numpy.ma secrets unicodedata"
)
"""What those, and the interpreter, import themselves only when they need it."""

_ROUNDS = 8
"""CPython 3.11 and later rewrite code after some rounds, which in a child would cost copies of pages; so does garbage."""

_KEY = "rehearsal"
_POLICY = f"""
from collections import deque
import heapq

@register_scheduler_init(key={_KEY!r})
def init(s):
    s.queue = deque()
    s.tried = {{}}

def fits(pool, wanted):
    return pool.avail_ram_pool >= wanted and pool.avail_cpu_pool >= 1

@register_scheduler(key={_KEY!r})
def step(s, results, pipelines):
    for pipeline in pipelines:
        s.queue.append(pipeline)
    for result in results:
        if result.failed():
            s.tried[result.container_id] = s.tried.get(result.container_id, 0) + 1
    assignments = []
    for pipeline in list(s.queue):
        status = pipeline.runtime_status()
        ready = status.get_ops([OperatorState.PENDING, OperatorState.FAILED], require_parents_complete=True)
        pool = max(s.executor.pools, key=lambda pool: pool.avail_ram_pool)
        if ready and fits(pool, 1):
            assignments.append(Assignment(ready[:1], 1, 1, pipeline.priority, pool.pool_id, pipeline.pipeline_id))
            s.queue.remove(pipeline)
    return [], assignments
"""


def rehearse() -> None:
    """Import everything, run the policy over and over, and forget where modules are found."""
    for module in f"{MODULES} {_LAZY}".split():
        importlib.import_module(module)
    parameters = Parameters.complete({"num_pools": 1}).visible
    for number in range(_ROUNDS):
        # Another text each time: programs are kept by their text.
        _run(f"{_POLICY}# {number}", parameters)
    sys.path.clear()
    sys.path_importer_cache.clear()


def _run(source: str, parameters: dict[str, object]) -> None:
    host = Host(source, _KEY, work_limit=1000)
    fault = host.start(parameters, lambda _tick: Memory((0,), ()))
    assert fault is None, fault
    reply = host.decide(Observation(0, 3, (Arrival("p", 1, ((), (0,)), (None, None)),)))
    assert reply.fault is None, reply.fault
    host.decide(Observation(reply.tick + 1, 5))
