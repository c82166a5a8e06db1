"""Interruptions: whatever ends the owner of engine processes ends them, their cages and the policies in them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from evo.cage import Limits
from evo.evaluation.evaluator import Evaluator
from evo.metric import Metric
from evo.population import Fitness
from tests.evaluation.small import policy, suite

pytestmark = [
    pytest.mark.all_cores,
    pytest.mark.skipif(sys.platform != "linux", reason="finds the processes in /proc"),
]

SCRIPT = """
from evo.cage import Limits
from evo.evaluation.evaluator import Evaluator
from evo.metric import Metric
from tests.evaluation.small import policy, suite

with Evaluator(suite(), Metric.LATENCY, Limits(seconds=3600), workers=2) as evaluator:
    list(evaluator.evaluate([policy("while True: pass", cpu) for cpu in (1, 2, 3)]))
"""

PATIENCE = 60.0


def family(ancestor: int) -> set[int]:
    """The living descendants of a process."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue  # it ended while we looked
        if state != "Z":
            parents[int(stat.parent.name)] = int(parent)
    found = {ancestor}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {ancestor}


def alive(processes: set[int]) -> set[int]:
    """Those that still run."""
    running = set()
    for process in processes:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            running.add(process)
    return running


def offspring(processes: set[int]) -> set[int]:
    """Their living descendants, without themselves."""
    return {child for process in processes for child in family(process)}


def busy_owner() -> tuple[subprocess.Popen[str], set[int]]:
    """A process that evaluates policies which hang, and its family: workers, templates, policies, a tracker."""
    owner = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        cwd=Path(__file__).parents[2],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + PATIENCE
    while len(relatives := family(owner.pid)) < 7:
        assert owner.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return owner, relatives


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_orphans(how: signal.Signals) -> None:
    """Ctrl-C, a polite and an impolite kill leave no process behind, and Ctrl-C is reported once."""
    owner, relatives = busy_owner()
    if how is signal.SIGINT:
        os.killpg(owner.pid, how)  # as a terminal does
    else:
        owner.send_signal(how)
    _, errors = owner.communicate(timeout=PATIENCE)
    assert owner.returncode == -how
    deadline = time.monotonic() + PATIENCE
    while alive(relatives) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(relatives)
    if how is signal.SIGINT:
        assert errors.count("Traceback") == 1
        assert errors.rstrip().endswith("KeyboardInterrupt")


def test_a_process_that_was_halted_for_too_long_gets_a_second_chance() -> None:
    """A policy that somebody stopped, as Ctrl-Z or a debugger does, is run again, and scored as if nothing had been."""
    slow = policy("import time; time.sleep(0.001)")
    with Evaluator(suite((1,)), Metric.LATENCY, Limits(seconds=1.5), workers=1) as evaluator:
        list(evaluator.evaluate([policy(cpu=3)]))
        templates = offspring(offspring({os.getpid()}))
        while earlier := offspring(templates):
            templates -= earlier
            time.sleep(0.01)
        halted: set[int] = set()

        def halt() -> None:
            while not halted:
                for process in offspring(templates):
                    os.kill(process, signal.SIGSTOP)
                    halted.add(process)

        halter = threading.Thread(target=halt)
        halter.start()
        begun = time.monotonic()
        (outcome,) = evaluator.evaluate([slow])
        assert time.monotonic() - begun > 1.5
        halter.join()
    with Evaluator(suite((1,)), Metric.LATENCY, workers=1) as evaluator:
        assert list(evaluator.evaluate([slow])) == [outcome]
    assert isinstance(outcome, Fitness)
