"""The template serves its owner, tells it of refusals, and ends with it."""

from __future__ import annotations

import errno
import os
import time
from contextlib import suppress
from pathlib import Path

import pytest

from evo.cage import Cage, Limits, launch
from evo.errors import CageError
from tests.cage.policies import KEY, fault_of, no_memory, parameters, policy


def test_a_system_that_refuses_to_fork_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process for a policy is no fault of the policy, and nobody is killed in its place."""
    refuse = (
        "import ctypes, evo.cage.template as it\n"
        f"it._plain_fork = lambda: (ctypes.set_errno({errno.EAGAIN}), -1)[1]\nmain(setup"
    )
    monkeypatch.setattr(launch, "_PROGRAM", launch._PROGRAM.replace("main(setup", refuse))
    with Cage(Limits(seconds=5)) as cage:
        for _ in range(2):
            with pytest.raises(
                CageError, match=f"can't start a process for a policy: {os.strerror(errno.EAGAIN)}"
            ):
                cage.decider(policy("pass"), KEY)


def test_several_policies_at_once_have_a_process_each() -> None:
    """Runs that overlap don't meet, and the end of one is not that of another."""
    body = "s.count = getattr(s, 'count', 0) + 1\nprint(s.count)\nif s.count == 2: raise ValueError(s.count)"
    with Cage(Limits(seconds=30)) as cage:
        one, two = cage.decider(policy(body), KEY), cage.decider(policy(body), KEY)
        with one, two:
            assert one.start(parameters(), no_memory) is two.start(parameters(), no_memory) is None
        assert fault_of(cage, policy(body), calls=2) is not None
        assert cage._template is not None
        children = Path(f"/proc/{cage._template._process.pid}/task/{cage._template._process.pid}/children")
        assert not children.exists() or children.read_text() == ""


def test_all_end_with_their_owner() -> None:
    """Closing the cage ends the template and whatever still runs."""
    cage = Cage(Limits(seconds=30))
    decider = cage.decider(policy("while True: pass"), KEY)
    assert decider.start(parameters(), no_memory) is None
    assert cage._template is not None
    processes = (decider._process.child._number, cage._template._process.pid)
    cage.close()
    decider.close()
    for process in processes:
        assert process is not None
        assert _ends(process)


def _ends(process: int) -> bool:
    """Whether a process is gone, or will be in a moment: nobody waits for those whose parent has died."""
    deadline = time.monotonic() + 20
    with suppress(ProcessLookupError):
        while time.monotonic() < deadline:
            os.kill(process, 0)
            time.sleep(0.01)
        return False
    return True
