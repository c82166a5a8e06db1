"""The cage: whatever a policy does to its process is that policy's fault, and nobody else's trouble."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from evo.cage import Cage, Limits
from evo.cage.cores import usable
from evo.errors import CageError, InputError
from evo.simulator.messages import AskMemory, Memory, Observation, Reply
from tests.cage.policies import KEY, fault_of, no_memory, parameters, policy

pytestmark = pytest.mark.all_cores

HANG = "while True: pass"
SWALLOW = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
DEVOUR = "heap = []\nwhile True: heap.append(bytearray(50_000_000))"


@pytest.fixture(scope="module")
def cage() -> Iterator[Cage]:
    """One cage for all policies that don't take long, so that each finds what the others left behind."""
    with Cage(Limits(seconds=30, memory_mb=512)) as cage:
        yield cage


@pytest.mark.parametrize("body", [HANG, SWALLOW, "10**10**8", "os.close(4)\nos.close(3)\nwhile True: pass"])
def test_whoever_never_answers_is_killed(body: str) -> None:
    """A policy that loops, even one deaf to every exception or cut off from us, ends when its time is over."""
    with Cage(Limits(seconds=0.3)) as cage:
        fault = fault_of(cage, policy(body))
        assert fault is not None
        assert fault.kind == ("crash" if "close" in body else "time")
        assert fault.phase == "policy"
        assert fault_of(cage, policy("pass"), calls=3) is None


def test_work_is_counted_not_timed() -> None:
    """A loop without end meets the limit of work, which is the same on every machine, long before that of time."""
    with Cage(Limits(seconds=60, work=10_000)) as cage:
        fault = fault_of(cage, policy(HANG))
        assert fault is not None
        assert fault.kind == "work"
        assert fault == fault_of(cage, policy(HANG))


def test_time_adds_up_over_a_run() -> None:
    """Many calls that are each quick enough still use up the time of the trace."""
    with Cage(Limits(seconds=0.5)) as cage:
        fault = fault_of(cage, policy("import time; time.sleep(0.05)"), calls=50)
        assert fault is not None
        assert (fault.kind, fault.message) == ("time", "the policy took more than 0.5 seconds")


def test_the_time_of_the_engine_does_not_count() -> None:
    """An engine that dawdles between two calls takes nothing from the policy's time."""
    with Cage(Limits(seconds=0.5)) as cage, cage.decider(policy("pass"), KEY) as decider:
        assert decider.start(parameters(), no_memory) is None
        time.sleep(0.6)
        assert decider.decide(Observation(0, 0)).fault is None


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (DEVOUR, "memory", "512 MB"),
        ("import numpy; numpy.zeros((10**6, 10**6))", "memory", "512 MB"),
        ("os._exit(3)", "crash", "exit status 3"),
        ("os.kill(os.getpid(), 9)", "crash", "SIGKILL"),
        ("os.abort()", "crash", "SIGABRT"),
        ("sys.exit(3)", "SystemExit", "3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", ""),
        ("raise ValueError('no \\x1b[31m plan')", "ValueError", "no \\x1b[31m plan"),
        ("raise ValueError('x' * 10**8)", "ValueError", "xxx"),
        ("raise ValueError('\\ud800')", "ValueError", "\\ud800"),
        ("def deeper(): deeper()\ndeeper()", "RecursionError", "recursion"),
        ("open('stolen', 'w').write('x' * 10**6)", "OSError", ""),
        ("os.write(4, b'\\xff' * 10)", "output", "at most"),
        ("os.write(4, b'\\0\\0\\0\\x02\\xc0\\xc0')", "output", "malformed"),
    ],
)
def test_what_a_policy_does_is_its_own_fault(cage: Cage, body: str, kind: str, words: str) -> None:
    """Dying, devouring memory, raising or babbling gives a fault that says so, and the cage goes on."""
    fault = fault_of(cage, policy(body))
    assert fault is not None
    assert kind in {fault.kind, {"PermissionError": "OSError"}.get(fault.kind)}
    assert words in fault.message
    assert len(fault.message) <= 2000
    assert fault_of(cage, policy("pass"), calls=2) is None


def test_a_fault_at_the_start_is_one_of_init(cage: Cage) -> None:
    """What happens while the module is loaded belongs to the phase before the first tick."""
    for before, kind in (("raise LookupError('early')", "LookupError"), ("os._exit(1)", "crash")):
        fault = fault_of(cage, policy("pass", before))
        assert fault is not None
        assert (fault.phase, fault.kind) == ("init", kind)


def test_printing_reaches_nobody(cage: Cage, capfd: pytest.CaptureFixture[str]) -> None:
    """Megabytes on both streams and a question on the third disturb neither the wire nor the terminal."""
    loud = "print('x' * 10**6); print('y' * 10**6, file=sys.stderr); assert sys.stdin.read() == ''"
    assert fault_of(cage, policy(loud), calls=3) is None
    fault = fault_of(cage, policy("raise ValueError('done')", "print('x' * 10**6)"))
    assert fault is not None
    assert fault.printed == "x" * 1999 + "\n"
    assert capfd.readouterr() == ("", "")


def test_no_key_and_no_folder_of_the_user(cage: Cage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The policy's environment is made from nothing, and it stands in the root folder with six descriptors."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "secret")
    with Cage(Limits(seconds=30)) as fresh:
        fault = fault_of(fresh, policy("raise ValueError(f'{sorted(os.environ)} {os.getcwd()}')"))
    assert fault is not None
    assert "PYTHONHASHSEED" in fault.message
    assert "ANTHROPIC" not in fault.message
    assert fault.message.endswith(" /")
    fault = fault_of(cage, policy("os.close(6)"))
    assert fault is not None
    assert (fault.kind, fault.message) == ("OSError", "[Errno 9] Bad file descriptor")


def test_nothing_leaks_between_runs(cage: Cage) -> None:
    """Globals, patched modules, random numbers and hashes are in a second run what they were in the first."""
    before = "seen = globals().get('seen', 0) + 1\nrandom.seen = getattr(random, 'seen', 0) + 1"
    tell = (
        "import numpy\nraise ValueError((seen, random.seen, random.random(), numpy.random.rand(), hash('a')))"
    )
    first, second = (fault_of(cage, policy(tell, before)) for _ in range(2))
    assert first is not None
    assert first.message.startswith("(1, 1, ")
    assert first == second


def test_a_source_is_read_once_for_all_runs(cage: Cage) -> None:
    """What a policy's first process makes of it serves its later ones, with the same answers and the same lines."""
    body = "s.count = getattr(s, 'count', 0) + 1\nif s.count == 3: raise ValueError(s.count)"
    first = fault_of(cage, policy(body), calls=5)
    key = (policy(body), False)
    assert key in cage._programs._known
    assert fault_of(cage, policy(body), calls=5) == first
    given = cage._programs._known[key]
    cage._programs._known[policy("pass"), False] = given
    assert fault_of(cage, policy("pass"), calls=5) == first
    del cage._programs._known[policy("pass"), False]
    for number in range(20):
        assert fault_of(cage, policy(f"{number}")) is None
    assert key not in cage._programs._known
    assert len(cage._programs._known) == 16


def test_programs_are_taken_from_nobody_else(cage: Cage) -> None:
    """What can't be read makes none, one that is told late or again is out of turn, and a broken one harms its policy."""
    for source in ("x = (", policy("return 1 +")):
        fault = fault_of(cage, source)
        assert fault is not None
        assert fault.kind == "SyntaxError"
        assert (source, False) not in cage._programs._known
    forge = (
        "import msgspec\nfrom evo.cage.wire import Prepared\ndata = msgspec.msgpack.encode(Prepared(b'mine'))\n"
        "os.write(4, len(data).to_bytes(4, 'big') + data)"
    )
    for early in (policy(forge), policy("pass", forge)):
        for _ in range(2):
            fault = fault_of(cage, early)
            assert fault is not None
            assert (fault.kind, fault.message) == (
                "output",
                "the policy's process sent a message out of turn",
            )
        assert cage._programs._known[early, False] != b"mine"
    for broken in (b"no program", b"N"):
        cage._programs._known[policy("[2]"), False] = broken
        fault = fault_of(cage, policy("[2]"))
        assert fault is not None
        assert fault.kind == "crash"


def test_a_policy_may_ask_for_memory(cage: Cage) -> None:
    """Reading a pool's memory is a question to the engine in the middle of a call, answered for that tick."""
    asked: list[int] = []

    def probe(tick: int) -> Memory:
        asked.append(tick)
        return Memory((12.5,), ())

    with cage.decider(policy("assert s.executor.pools[0].consumed_ram_gb == 12.5"), KEY) as decider:
        assert decider.start(parameters(), probe) is None
        assert decider.decide(Observation(7, 0)).fault is None
    assert asked == [7]


def test_a_run_can_end_early_and_leaves_nobody_behind(cage: Cage) -> None:
    """Closing a decider in the middle of a run has its process killed and reaped before anything else happens there."""
    decider = cage.decider(policy(HANG), KEY)
    assert decider.start(parameters(), no_memory) is None
    child = decider._process.child._number
    assert child is not None
    decider.close()
    decider.close()
    assert fault_of(cage, policy("pass")) is None
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


@pytest.mark.skipif(not usable(), reason="processes can't be bound to cores here")
def test_policies_may_have_a_core_of_their_own() -> None:
    """There they do as anywhere: they answer, ask for memory, hang and die, and more CPU time is theirs for waiting."""
    core = usable()[-1]
    with Cage(Limits(seconds=0.5), core) as cage:
        assert fault_of(cage, policy(f"assert os.sched_getaffinity(0) == {{{core}}}"), calls=300) is None
        assert fault_of(cage, policy("s.executor.pools[0].consumed_ram_gb"), calls=3) is None
        with cage.decider(policy("pass"), KEY) as decider:
            assert decider.start(parameters(), no_memory) is None
            told = Path(f"/proc/{decider._process.child._number}/limits").read_text(encoding="ascii")
            assert int(told.split("Max cpu time")[1].split()[0]) > 300
        for body, kind in ((HANG, "time"), ("os.kill(os.getpid(), 9)", "crash")):
            fault = fault_of(cage, policy(body))
            assert fault is not None
            assert fault.kind == kind


def test_a_dead_template_is_replaced() -> None:
    """When the process that starts policies is killed, the next policy gets a new one."""
    with Cage(Limits(seconds=30)) as cage:
        assert fault_of(cage, policy("pass")) is None
        template = cage._template
        assert template is not None
        os.kill(template._process.pid, signal.SIGKILL)
        template._process.wait()
        assert fault_of(cage, policy("pass")) is None


def test_a_template_that_cannot_live_is_our_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the interpreter doesn't start, or ends at once, the user hears of this machine, not of a policy."""
    with Cage() as cage:
        monkeypatch.setattr("evo.cage.launch._PROGRAM", "raise SystemExit('no numpy here')")
        with pytest.raises(CageError, match="ended at once: no numpy here"):
            cage.decider(policy("pass"), KEY)
        monkeypatch.setattr(sys, "executable", "/nowhere/python")
        with pytest.raises(CageError, match="can't start /nowhere/python"):
            cage.decider(policy("pass"), KEY)


def test_forged_answers_are_refused(cage: Cage) -> None:
    """A policy that writes to the wire itself can't ask for memory of the future, nor answer what wasn't asked."""
    forge = (
        "import msgspec\nfrom evo.simulator.messages import AskMemory, Reply\nfrom evo.cage.wire import Started\n"
        "data = msgspec.msgpack.encode({})\nos.write(4, len(data).to_bytes(4, 'big') + data)"
    )
    for forged in (AskMemory(10**6), AskMemory(-1)):
        fault = fault_of(cage, policy(forge.format(forged)))
        assert fault is not None
        assert (fault.kind, fault.message) == ("output", "the policy's process sent a message out of turn")
    fault = fault_of(cage, policy(forge.format("Started()")))
    assert fault is not None
    assert fault.message == "the policy's process sent a message out of turn"
    early = forge.format(Reply(3, every_tick=False, arrivals_left=5))
    with cage.decider(policy(early), KEY) as decider:
        assert decider.start(parameters(), no_memory) is None
        assert decider.decide(Observation(0, 0)).arrivals_left == 5


def test_parameters_that_cannot_be_sent_are_the_users_mistake(cage: Cage) -> None:
    """A number beyond 64 bits is refused with a word on what to do."""
    with cage.decider(policy("pass"), KEY) as decider, pytest.raises(InputError, match="beyond 64 bits"):
        decider.start({"mine": 2**64}, no_memory)


def test_a_failure_of_the_host_is_told_apart(cage: Cage) -> None:
    """When what surrounds the policy fails, the fault says so, that it can be mended in the right place."""
    with cage.decider(policy("pass"), KEY) as decider:
        fault = decider.start({}, no_memory)
    assert fault is not None
    assert fault.kind == "crash"
    assert "failed around the policy: KeyError" in fault.message


@pytest.mark.parametrize(
    ("seconds", "memory_mb", "work", "words"),
    [
        (0.0, 1536, 1, "time limit"),
        (float("nan"), 1536, 1, "time limit"),
        (1.0, 100, 1, "memory limit"),
        (1.0, 1536, 0, "work limit"),
    ],
)
def test_limits_nobody_could_live_with_are_refused(
    seconds: float, memory_mb: int, work: int, words: str
) -> None:
    """Nonsense in a limit is an error of the user's that names the limit."""
    with pytest.raises(InputError, match=words):
        Limits(seconds, memory_mb, work)
