"""Policies at random: habits in all places where a policy may have them, and decisions that hang on what they keep.

What a policy has kept goes into its assignments as the pipeline's name, so that the event log shows it: were a call
left out that counts, the next assignment would tell.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.simulator import expressions
from tests.simulator.habits import STATE, Habit
from tests.simulator.heads import HEADS, ROUND
from tests.simulator.passages import LONG
from tests.simulator.plans import ENDS, PLANS, SIGNATURES, SPOILERS, TAKING
from tests.simulator.readings import BLOCKS, IMPORTS, MOVING, RESTING

Draw = Callable[[st.SearchStrategy[Any]], Any]

LOOKS = ("LOOK", "s.look = LOOK", "if LOOK == 3: s.calls += 1", "x = LOOK", "s.most = max(s.most, str(LOOK))")
TRIGGERS = (
    *("True", "True", "True", "True", "s.calls % 3 == 0", "score(SEEN) % 5 == 3"),
    *("score(SEEN) % 3", "score(LOOK) % 4 != 1", "len(str(LOOK)) % 2"),
)
ASKED = {
    "s.box0": "s.box0 = Plain()",
    "s.jobs0": "s.jobs0 = [(1, 2), (3, 0)]",
    "s.now(": "s.now = s.clock.now_ticks",
    "s.quiet(": "s.quiet = lambda results, pipelines: not results and not pipelines",
    "s.look": "s.look = 0",
    "s.most": "s.most = ''",
    "s.kept": "s.kept = []",
    "s.none": "s.none = ([], [])",
    "s.due": "s.due = []",
    "s.queue": "s.queue = deque()",
    "s.held": "s.held = []",
    "s.retry": "s.retry = {}",
}
"""What is made in the initialisation if the policy names it."""


@st.composite
def policies(draw: Draw) -> str:
    """The source of a policy of key "x"."""
    habits = [_habit(draw) for _ in range(draw(st.sampled_from((1, 1, 0, 2, 3))))]
    seen = f"[{', '.join(habit.seen for habit in habits)}]"
    body = [_placed(draw, habit) for habit in habits]
    if draw(st.booleans()):
        body.insert(draw(st.integers(0, len(body))), _head(draw, habits))
    body.append(draw(st.sampled_from(TAKING)))
    if draw(st.integers(0, 4)) == 4:
        body.insert(draw(st.integers(0, len(body))), draw(st.sampled_from(SPOILERS)))
    body.append(f"if not ({_trigger(draw)}): return [], []")
    body.append(draw(st.sampled_from(PLANS)).replace("EXTRA", str(draw(st.sampled_from((0, 1, 0, 2))))))
    step = (
        _ended(draw, "\n".join(body)).replace("NUMBER", str(draw(st.integers(1, 12)))).replace("SEEN", seen)
    )
    signature = draw(st.sampled_from(SIGNATURES)) if draw(st.integers(0, 3)) == 3 else SIGNATURES[0]
    return _assembled(habits, signature.replace("STEP", _indented(step)))


def plain(habit: Habit, taking: str) -> str:
    """The source of a policy with this habit in calls without news, which assigns what comes and then rests."""
    quiet = textwrap.indent(habit.step, "    ")
    step = f"{taking}\nif not results and not pipelines:\n{quiet}\n{PLANS[0]}"
    step = step.replace("EXTRA", "0").replace("SEEN", f"[{habit.seen}]")
    return _assembled([habit], SIGNATURES[0].replace("STEP", _indented(step)))


def _assembled(habits: list[Habit], step: str) -> str:
    """The whole source, with just what the habits and the step need."""
    modules = [habit.module for habit in habits if habit.module]
    inits = [habit.init for habit in habits]
    everything = "\n".join([*modules, *inits, step])
    inits += [init for word, init in ASKED.items() if word in everything]
    init = _indented("\n".join(["s.live = []; s.calls = 0", *inits]))
    text = "\n\n".join([*modules, f"@register_scheduler_init(key='x')\ndef init(s):\n{init}", step])
    return _supplied(text)


def _supplied(text: str) -> str:
    """The text with the shared definitions and imports that it names before it."""
    names = _named(text)
    pending = list(names)
    while pending:
        block = _DEFINITIONS.get(pending.pop())
        if block is not None:
            new = _named(block) - names
            names |= new
            pending.extend(new)
    chosen = [block for block in BLOCKS if any(_DEFINITIONS.get(name) is block for name in names)]
    imports = [line for name, line in IMPORTS.items() if name in names]
    return "\n\n".join(["\n".join(imports), *chosen, text, ""])


def _bound(tree: ast.Module) -> set[str]:
    """The names that a block defines."""
    return {
        name
        for node in tree.body
        for name in (
            [node.name]
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            else [t.id for t in getattr(node, "targets", []) if isinstance(t, ast.Name)]
        )
    }


def _named(text: str) -> set[str]:
    """The words of a text; some may be no names, which gives a policy a little more than it needs."""
    return set(_WORD.findall(text))


_WORD = re.compile(r"(?<![.\w])[A-Za-z_]\w*")
_DEFINITIONS = {name: block for block in BLOCKS for name in _bound(ast.parse(block))}


def _habit(draw: Draw) -> Habit:
    kind = draw(st.integers(0, 9))
    if kind < 4:
        return _settled(draw, RESTING)
    if kind == 4:
        return _settled(draw, MOVING)
    if kind == 5:
        return draw(st.sampled_from(LONG))  # type: ignore[no-any-return]
    if kind < 8:
        return draw(st.sampled_from(STATE))  # type: ignore[no-any-return]
    return _nonsense(Random(draw(st.integers(0, 2**32))))


def _settled(draw: Draw, among: list[str]) -> Habit:
    step = draw(st.sampled_from(LOOKS)).replace("LOOK", draw(st.sampled_from(among)))
    return Habit(step, seen="s.look" if "s.look" in step else "s.calls")


def _nonsense(random: Random) -> Habit:
    steps = [expressions.guarded(random) for _ in range(random.choice((1, 1, 2, 3)))]
    module, init = expressions.MODULE, expressions.INIT
    for word, options in expressions.CHOICES.items():
        choice = random.choice(options)
        module, init = module.replace(word, choice), init.replace(word, choice)
    helped = expressions.guarded(random) if random.random() < 0.6 else "pass"
    module = module.replace("HELPED", _indented(helped).strip())
    step = "\n".join(["x = []; y = {}; z = 0; k = 1; q = s.a", *steps])
    return Habit(step, init, module.strip(), expressions.SEEN)


def _placed(draw: Draw, habit: Habit) -> str:
    """A habit's statements, with something round them."""
    step = habit.step
    for _ in range(draw(st.sampled_from((0, 1, 0, 2)))):
        step = _filled(draw(st.sampled_from(ROUND)), step, habit.seen)
    return step


def _head(draw: Draw, habits: list[Habit]) -> str:
    habit = draw(st.sampled_from(habits)) if habits else Habit("s.calls += 1", seen="s.calls")
    return _filled(draw(st.sampled_from(HEADS)), habit.step, habit.seen)


def _filled(block: str, step: str, seen: str) -> str:
    """A block with its words replaced; statements take the margin of the line on which they stand."""
    lines = []
    for line in block.splitlines():
        if line.strip() == "STEP":
            lines.append(textwrap.indent(step, line.removesuffix("STEP")))
        else:
            lines.append(
                line.replace("STEP_VALUE", seen).replace("SCORE", f"score({seen}) % 3").replace("SEEN", seen)
            )
    return "\n".join(lines)


def _trigger(draw: Draw) -> str:
    look = draw(st.sampled_from(RESTING if draw(st.integers(0, 3)) else MOVING))
    return draw(st.sampled_from(TRIGGERS)).replace("LOOK", look)  # type: ignore[no-any-return]


def _ended(draw: Draw, body: str) -> str:
    """The body with more to return: suspensions wherever they are possible, or a word about pipelines just come."""
    end = draw(st.sampled_from(ENDS))
    return body.replace("return [], out", f"return {end}")


def _indented(text: str) -> str:
    return textwrap.indent(text, "    ")
