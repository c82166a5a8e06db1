"""What a policy prints: the last of it is with its fault, and nobody waits for, or is changed by, any of it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo.cage import Cage, Limits
from evo.cage.printing import KEPT, Printed, told
from evo.simulator.messages import Observation
from tests.cage.policies import KEY, fault_of, no_memory, parameters, policy


@pytest.fixture(scope="module")
def cage() -> Iterator[Cage]:
    """One cage for all."""
    with Cage(Limits(seconds=30, memory_mb=512)) as cage:
        yield cage


def printed_by(cage: Cage, body: str, before: str = "") -> str:
    """What is kept of a policy's output once it has failed."""
    fault = fault_of(cage, policy(body, before))
    assert fault is not None
    return fault.printed


@pytest.mark.parametrize(
    "end",
    [
        "raise ValueError",
        "os._exit(1)",
        "os.abort()",
        "os.write(4, b'x' * 100)",
        "heap = [0] * 10**12",
        "sys.exit()",
    ],
)
def test_last_words_are_kept(cage: Cage, end: str) -> None:
    """However a policy ends, what it wrote before is there: by print, to stderr, by its log, to the descriptors."""
    body = (
        "import logging\nprint('one', 2, end='')\nprint(file=sys.stderr)\nlogging.getLogger('x').warning('three')\n"
        f"os.write(1, b'four\\n')\nos.write(2, b'five\\n')\nsys.__stdout__.write('six')\n{end}"
    )
    assert printed_by(cage, body) == "one 2\nthree\nfour\nfive\nsix"


def test_last_words_of_one_who_hangs() -> None:
    """A policy that is killed for its time left word of where it was."""
    with Cage(Limits(seconds=0.3)) as cage:
        assert printed_by(cage, "print('into the loop', end='')\nwhile True: pass") == "into the loop"


def test_a_fault_at_the_start_has_them_too(cage: Cage) -> None:
    """What was printed while the module was loaded is with the fault of its loading."""
    assert printed_by(cage, "pass", "print('loading')\nraise ValueError") == "loading\n"


def test_only_the_end_of_a_flood_is_kept(cage: Cage) -> None:
    """Of a hundred megabytes, in lines or at once, the last two thousand characters are kept, the rest is nowhere."""
    flood = "for number in range(200_000): print('flood', number)\nprint('y' * 10**8)\nprint('last')\nraise ValueError"
    begun = time.monotonic()
    kept = printed_by(cage, flood)
    assert time.monotonic() - begun < 60
    assert len(kept) == KEPT
    assert kept == "y" * (KEPT - 6) + "\nlast\n"


def test_who_prints_much_loses_little(cage: Cage) -> None:
    """After thousands of lines not every piece is written at once, but all of it before a fault is told."""
    many = "for number in range(5000): print(number)\nprint('last', end='')\n"
    assert printed_by(cage, many + "raise ValueError").endswith("4998\n4999\nlast")
    kept = printed_by(cage, many + "os._exit(1)").split()
    assert 3000 < int(kept[-1]) < 5000


def test_it_is_data(cage: Cage) -> None:
    """Nothing that is kept commands a terminal, whatever bytes it was."""
    kept = printed_by(
        cage, "os.write(1, b'\\x1b[31mred\\x07\\xff\\xc3\\xa9')\nprint('\\ud800\\u202e')\nraise ValueError"
    )
    assert kept == "\\x1b[31mred\\x07\ufffdé\\ud800\\u202e\n"
    assert all(letter.isprintable() or letter == "\n" for letter in kept)


def test_addresses_are_not_told(cage: Cage) -> None:
    """Where something lay in memory differs from run to run, so equal runs would not tell the same."""
    kept = printed_by(cage, "print(step, object())\nraise ValueError")
    assert kept == "<function step at 0x…> <object object at 0x…>\n"
    fault = fault_of(cage, policy("raise KeyError(step)"))
    assert fault is not None
    assert fault.message == "<function step at 0x…>"


def test_printing_changes_nothing(cage: Cage) -> None:
    """A policy that prints answers as one that doesn't, closed streams and full pipes included."""
    loud = (
        "print('x' * 10**5); print(sys.stdout.fileno(), sys.stdout.isatty(), sys.stderr.encoding)\n"
        "sys.stdout.flush()\nassert sys.stdout.writable()\nfor _ in range(500): print(end='.')"
    )
    quiet = fault_of(cage, policy("pass"), calls=20)
    assert fault_of(cage, policy(loud), calls=20) == quiet is None
    for closed in (
        "sys.stdout.close(); sys.stdout = sys.stderr",
        "os.close(1)",
        "os.close(5)",
        "os.close(1); os.close(2); os.close(5)",
    ):
        assert fault_of(cage, policy(f"{closed}\nfor _ in range(99): print('x' * 9999)\n_ = [1]")) is None


def test_a_policy_that_runs_well_leaves_no_words(cage: Cage) -> None:
    """Without a fault nothing is told, and no descriptor stays open."""
    open_before = len(list(Path("/dev/fd").iterdir()))
    with cage.decider(policy("print('fine')"), KEY) as decider:
        assert decider.start(parameters(), no_memory) is None
        assert decider.decide(Observation(0, 0)).fault is None
    assert len(list(Path("/dev/fd").iterdir())) == open_before


def test_forged_words_are_not_believed(cage: Cage) -> None:
    """What a policy's process claims to have been printed is replaced by what was."""
    forge = (
        "import msgspec\nfrom evo.simulator.messages import Fault, Reply\n"
        "data = msgspec.msgpack.encode(Reply(0, every_tick=False, fault=Fault('policy', 'x', 'y', 1, 'forged')))\n"
        "print('true')\nos.write(4, len(data).to_bytes(4, 'big') + data)\nwhile True: pass"
    )
    fault = fault_of(cage, policy(forge))
    assert fault is not None
    assert (fault.kind, fault.printed) == ("x", "true\n")


@given(st.lists(st.binary(max_size=5000), max_size=40))
def test_any_bytes_are_kept_to_the_bound(pieces: list[bytes]) -> None:
    """Whatever is in the pipe, what is told is printable and has at most so many characters."""
    printed = Printed()
    for piece in pieces:
        os.write(printed.ends[0], piece[:1000])
    printed.hand_over()
    last = printed.last()
    printed.close()
    assert len(last) <= KEPT
    assert last == told(last)


def test_looking_at_an_empty_pipe_takes_no_time() -> None:
    """Where somebody still could write, as on systems on which a policy's children may survive, nobody waits."""
    printed = Printed()
    os.set_blocking(printed.ends[1], True)
    assert printed.last() == ""
    printed.close()
    printed.close()
