"""A policy is taken for one that does nothing without news only if its first lines say so beyond doubt."""

from __future__ import annotations

import pytest

from evo.simulator.messages import Observation, Reply
from evo.simulator.scheduling.program import program
from tests.simulator.scheduling.facade import arrival, called, policy, started

GUARD = "if not results and not pipelines: return [], []"


def rests(source: str) -> bool:
    """Whether the host would call the policy for news alone."""
    (reply,) = called(source, Observation(0, 5))
    assert reply.fault is None
    return reply.until_news


def guarded(step: str, module: str = "", init: str = "s.n = 0") -> str:
    """A policy that counts its calls, if it gets as far."""
    return policy(f"{step}\ns.n += 1\nreturn [], []", init, module)


@pytest.mark.parametrize(
    "step",
    [
        GUARD,
        "'''A docstring.'''\n" + GUARD,
        "if not pipelines and not results: return [], []",
        "if not (results or pipelines): return [], []",
        "if len(results) == 0 and len(pipelines) == 0: return [], []",
        "if len(results) + len(pipelines) == 0: return [], []",
        "if not len(results) and len(pipelines) < 1: return [], []",
        "if results == [] and [] == pipelines: return ([], [])",
        "if not bool(results) and not bool(pipelines): return [], []",
        "if not any((results, pipelines)): return [], []",
        "if 0 == len(results) == len(pipelines): return [[], []]",
        "suspensions = []\nassignments: list = []\nif not (results or pipelines): return suspensions, assignments",
        "suspensions, assignments = [], []\nif not (results or pipelines): return suspensions, assignments",
        "quiet = not results and not pipelines\nif quiet: return results, pipelines",
        "if results or pipelines: pass\nelse: return [], []",
        "if not results:\n    if not pipelines:\n        return [], []",
        "if results:\n    s.n = 5\nelif not pipelines:\n    return (), {}",
        "if results is not None and not results and not pipelines: return [], []",
        "if not results and not pipelines or s.n > 3: return list(), tuple()",
    ],
)
def test_first_lines_that_return_at_once(step: str) -> None:
    """However it is said that there is nothing to do, no call without news is made."""
    assert rests(guarded(step))


def test_nothing_at_all_can_be_done_without_news() -> None:
    """A policy that never does anything rests too."""
    assert rests(policy("return [], []"))


@pytest.mark.parametrize(
    "step",
    [
        "s.n += 1\n" + GUARD,
        "s.seen = []\n" + GUARD,
        "s.q.append(1)\n" + GUARD,
        "if results: return [], []\nif s.n: return [], []",
        "if not results and not pipelines and not s.q: return [], []",
        "if not s.q and not results: return [], []",
        "if not results or s.q: return s.q, []",
        "if not results and not pipelines: return [], s.q",
        "if not results and not pipelines: return [1], []",
        "if not results and not pipelines: return [], [], []",
        "if not results and not pipelines: return None",
        "if not results and not pipelines: return",
        "if not results and not pipelines: return []",
        "if (q := s.q.append(1)) is None and not results and not pipelines: return [], []",
        "if (results := [1]) and not pipelines: return [], []",
        "if (results := s.q): pass\n" + GUARD,
        "for results in [[1]]: pass\n" + GUARD,
        "del results\nif not pipelines: return [], []",
        "results += [1]\n" + GUARD,
        "results = s.q\n" + GUARD,
        "import math\n" + GUARD,
        "if results < 1: return [], []",
        "if results is []: return [], []",
        "if results is pipelines or len(results) is 0: return [], []",
        "if max(results): return [], []",
        "try:\n    pass\nfinally:\n    s.n += 1\n" + GUARD,
        "with s.q: pass\n" + GUARD,
        "global N\nN = 1\n" + GUARD,
        "if results:\n    global N\nN = []\n" + GUARD,
        "def f(): s.n += 1\n" + GUARD,
        "assert not results\n" + GUARD,
        "if not results and not pipelines: return [], [] if s.n else []",
        "x = f'{s}'\n" + GUARD,
        "s.n, x = 1, 2\n" + GUARD,
        "x, y = results\n" + GUARD,
        "if not [x for x in results] and not pipelines: return [], []",
        "if len(results) == 0 and not pipelines: return [], []\nlen = s.n",
        "len = bool\nif len(results) == 0 and not pipelines: return [], []",
        GUARD + "\nyield 1",
        GUARD + "\nawait s",
    ],
)
def test_first_lines_that_might_do_something(step: str) -> None:
    """Whatever could have an effect, or depends on anything but the two lists, is left to other proofs."""
    kind = "async def step" if "await" in step else "def step"
    body = step.replace("return [], []", "return") if "yield" in step else step
    source = policy(body, "s.n = 0", "N = 0").replace("def step", kind)
    assert program(source, every_tick=False, counted=False).resting == ()


@pytest.mark.parametrize(
    "source",
    [
        guarded(GUARD).replace("def step", "@register_scheduler(key='y')\ndef step"),
        guarded(GUARD).replace("def step", "@(lambda f: lambda *a: f(*a))\ndef step"),
        guarded(GUARD).replace("results, pipelines)", "results, pipelines, more=[])"),
        guarded(GUARD).replace("results, pipelines)", "*both)").replace("not results", "not both"),
        guarded(GUARD).replace("results, pipelines)", "results, pipelines, *, more=1)"),
        guarded(GUARD).replace("results, pipelines)", "results, pipelines, **more)"),
        guarded(GUARD).replace("results, pipelines)", "results, /, *pipelines)"),
        guarded(GUARD) + "register_scheduler(key='y')(lambda *a: ([], []))\n",
        guarded(GUARD) + "@register_scheduler(key='y')\ndef other(s, results, pipelines): return [], s.q\n",
        guarded(GUARD) + "def meddle(s): s.algo_func = print\n",
        guarded(GUARD, "import sys"),
        "def make():\n    " + guarded(GUARD).replace("\n", "\n    ") + "\nmake()",
    ],
)
def test_functions_that_may_not_be_what_is_called(source: str) -> None:
    """There must be nothing between the registered name and the function whose first lines were read."""
    assert program(source, every_tick=False, counted=False).resting == ()


def test_one_guard_for_each_registered_scheduler_will_do() -> None:
    """A file may register several policies."""
    both = guarded(GUARD) + "@register_scheduler(key='y')\ndef other(s, a, b):\n    return [], []\n"
    assert len(program(both, every_tick=False, counted=False).resting) == 2
    assert rests(both)


def test_nothing_is_proven_for_comparison() -> None:
    """Where a policy shall be called in every tick, its first lines do not matter."""
    assert program(guarded(GUARD), every_tick=True, counted=False).resting == ()


def test_defaults_of_the_parameters_do_not_matter() -> None:
    """Both lists are always given."""
    assert rests(guarded(GUARD).replace("results, pipelines)", "results=[1], pipelines=print)"))


@pytest.mark.parametrize(
    "shadow",
    [
        "len = print",
        "def len(x): return 0",
        "from math import floor as len",
        "for len in (): pass\nlen = all",
    ],
)
def test_a_builtin_that_means_something_else_proves_nothing(shadow: str) -> None:
    """The names that the proof rests on must be the builtins when the call would be made."""
    step = "if len(results) == 0 and not pipelines: return [], []"
    assert started(guarded(step))._rests()
    assert not started(guarded(step, module=shadow))._rests()


def test_a_builtin_replaced_while_running_proves_nothing_from_then_on() -> None:
    """What held for earlier calls is looked at again in each."""
    step = "if not len(results) and not len(pipelines): return [], []\ns.swap()"
    module = "def swap():\n    global len\n    len = lambda x: 1\n"
    replies = called(
        guarded(step, module, "s.n = 0; s.swap = swap"), Observation(0, 3), Observation(4, 0, (arrival("p"),))
    )
    assert replies == [
        Reply(3, every_tick=False, until_news=True),
        Reply(4, every_tick=True, arrivals_left=1),
    ]


def test_another_function_put_in_place_is_called_in_every_tick() -> None:
    """Only the function that was read is known to rest; where another is called instead, nothing is skipped."""
    host = started(guarded(GUARD))
    assert host.decide(Observation(0, 3)).until_news
    calls = []

    def other(*given: object) -> tuple[list[None], list[None]]:
        calls.append(given)
        return [], []

    host._mirror.scheduler.algo_func = other
    assert host.decide(Observation(4, 3)) == Reply(7, every_tick=True)
    assert len(calls) == 4


def test_a_guard_rests_whatever_the_function_keeps() -> None:
    """State in closures, lists that it was given and the module is not reached, so it does not matter."""
    step = f"{GUARD}\nkeep = lambda: (results, pipelines)\nresults.append(keep)\nN.append(keep)"
    one, two = called(guarded(step, "N = []"), Observation(0, 0, (arrival("p"),)), Observation(1, 40))
    assert (one.until_news, two) == (True, Reply(41, every_tick=False, until_news=True))
