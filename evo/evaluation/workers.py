"""The engine processes: started when first needed, and gone with their owner whatever happens to it.

They are spawned, not forked, so that an owner with threads is safe. Each watches a lifeline, a pipe whose other
end only the owner holds. Knows nothing of what is computed.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

from evo.cage import Limits
from evo.errors import CageError
from evo.evaluation.suites import Suite
from evo.evaluation.worker import begin

P = ParamSpec("P")
T = TypeVar("T")


class Workers:
    """A pool of `count` engine processes, each of which holds the suite and a cage."""

    def __init__(self, count: int, suite: Suite, limits: Limits) -> None:
        context = multiprocessing.get_context("spawn")
        self._theirs, self._lifeline = context.Pipe(duplex=False)
        self._pool = ProcessPoolExecutor(
            count,
            mp_context=context,
            initializer=begin,
            initargs=(suite, limits, self._theirs, context.Value("i", 0), count),
        )
        self._running: set[Future[Any]] = set()

    def submit(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have `work` done by a worker; raises BrokenProcessPool if one has died."""
        with _interrupts_held():
            future = self._pool.submit(work, *args, **kwargs)
        self._running.add(future)
        future.add_done_callback(self._running.discard)
        return future

    def close(self) -> None:
        """End all workers, at once if they are still at work."""
        if self._running:
            self._lifeline.close()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._lifeline.close()
        self._theirs.close()


@contextmanager
def pooled(count: int, suite: Suite, limits: Limits) -> Iterator[Workers]:
    """Workers that end with the block; raises CageError if one of them dies."""
    pool = Workers(count, suite, limits)
    try:
        yield pool
    except BrokenProcessPool as error:
        raise CageError(
            "a process that runs the simulator died: is memory short? Give fewer --workers"
        ) from error
    finally:
        pool.close()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let processes be started with Ctrl-C blocked: it interrupts their owner, who then ends them.

    The mask is for the processes, which inherit it. It doesn't shield the owner: where another thread takes the signal,
    Python still tells the main one, and a start that breaks off half-way leaves processes that nobody ends.
    """
    came: list[int] = []
    ours = threading.current_thread() is threading.main_thread()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    handler = signal.signal(signal.SIGINT, lambda number, _: came.append(number)) if ours else None
    try:
        yield
    finally:
        if handler is not None:
            signal.signal(signal.SIGINT, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if came:
            signal.raise_signal(signal.SIGINT)
