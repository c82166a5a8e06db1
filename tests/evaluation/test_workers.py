"""Engine processes: they do what they are given, end with whoever began them, and a death among them is told."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import Future, ProcessPoolExecutor

import pytest

from evo.cage import Limits
from evo.errors import CageError
from evo.evaluation.cache import Outcome
from evo.evaluation.worker import measure, measure_on
from evo.evaluation.workers import pooled
from evo.population import Failure, FailureKind
from tests.evaluation.small import policy, suite


def test_work_is_done_and_its_doers_are_gone() -> None:
    """What is measured is the same on another suite's trace as on one's own, and failures name theirs."""
    own, other = suite(), suite((2,))
    with pooled(2, own, Limits()) as pool:
        second = pool.submit(measure, policy(), 1)
        elsewhere = pool.submit(measure_on, policy(), other)
        failing: Outcome = pool.submit(measure_on, policy("raise ValueError"), other).result()
        assert multiprocessing.active_children()
        assert second.result() == elsewhere.result()
        assert not isinstance(second.result(), Failure)
        assert second.result() != pool.submit(measure, policy(), 0).result()
    assert isinstance(failing, Failure)
    assert (failing.kind, failing.trace) == (FailureKind.EXCEPTION, "a")
    assert not multiprocessing.active_children()


def test_a_worker_that_dies_is_told() -> None:
    """One that is killed, for want of memory say, ends the block with what can be done, and leaves nobody behind."""
    with pytest.raises(CageError, match="Give fewer --workers"), pooled(1, suite((1,)), Limits()) as pool:
        pool.submit(os._exit, 9).result()
    assert not multiprocessing.active_children()


def test_any_other_fault_stays_what_it_is() -> None:
    """What goes wrong within the block is not blamed on the workers, and they end as well."""
    with pytest.raises(ZeroDivisionError), pooled(1, suite((1,)), Limits()) as pool:
        pool.submit(divmod, 1, 0).result()
    assert not multiprocessing.active_children()


def test_ctrl_c_waits_until_processes_have_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where another thread takes the signal, a start is not broken off half-way: who is begun can be ended."""
    steps: list[str] = []
    leave = threading.Event()
    bystander = threading.Thread(target=leave.wait)
    bystander.start()  # its mask lets the signal in

    def slow_start(*_: object) -> Future[None]:
        steps.append("begun")
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.05)
        steps.append("started")
        return Future()

    monkeypatch.setattr(ProcessPoolExecutor, "submit", slow_start)
    try:
        with pytest.raises(KeyboardInterrupt), pooled(1, suite(), Limits()) as pool:
            pool.submit(measure, policy(), 0)
    finally:
        leave.set()
        bystander.join()
    assert steps == ["begun", "started"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
