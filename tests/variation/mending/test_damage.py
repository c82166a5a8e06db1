"""Tests of damaged text: what came to harm on its way is put right, what was never written is not made up."""

from __future__ import annotations

import html

import pytest

from tests.variation.mending.samples import END, GOOD, HELPER, INIT, LOOP, SCHEDULER, tried, with_line

CURLY = GOOD.replace('"fit"', "“fit”")
CUT = '\n\ndef report(s):\n    """Say how it goes."""\n    print("waiting:", len(s.queue'
SAID = with_line('s.note = "it\u2019s \u2013 “fit”"  # 5 ≤ 6')

MENDED = {
    "typographic quotes": (CURLY, GOOD),
    "single ones": (GOOD.replace('"fit"', "\u2018fit\u2019"), GOOD.replace('"fit"', "'fit'")),
    "quotes in strings and comments stay": (SAID.replace('"fit"', "“fit”"), SAID),
    "blanks that don't break": (GOOD.replace("    ", "\u00a0\u00a0 \u00a0"), GOOD),
    "blanks of no width": (GOOD.replace("s.queue", "s.\u200bqueue"), GOOD),
    "signs as in books": (GOOD.replace(">=", "≥").replace(" * ", " \u00d7 "), GOOD),
    "wide signs": (GOOD.replace("(s):", "\uff08s\uff09\uff1a"), GOOD),
    "entities": (html.escape(with_line("s.low = 1 < 2 and 3 & 4")), with_line("s.low = 1 < 2 and 3 & 4")),
    "entities and quotes": (html.escape(GOOD, quote=False).replace('"fit"', "“fit”"), GOOD),
    "tabs for some": (
        GOOD.replace("\n        if", "\n\tif").replace("\n            s.ram", "\n\t\ts.ram"),
        GOOD.replace("\n            s.ram", "\n                s.ram"),
    ),
    "a fence within": (f"{INIT}```\n{HELPER}{SCHEDULER}", GOOD),
    "a rule within": (f"{INIT}---\n{HELPER}{SCHEDULER}", GOOD),
    "tags within": (f"{INIT}</code>\n<code>\n{HELPER}{SCHEDULER}", GOOD),
    "a token of the model's": (f"{CURLY}<|im_end|>\n", GOOD),
    "words between": (f"{INIT}Now the scheduler itself.\n\n{HELPER}{SCHEDULER}", GOOD),
    "words behind": (
        f"{CURLY}\nKey changes:\n\n- it gives less memory at first\n- it doubles what failed\n\nLet me know!\n",
        GOOD,
    ),
    "a list behind": (f"{CURLY}\n1. It gives less memory.\n2. It doubles what failed.\n", GOOD),
    "numbers before lines": (
        "".join(f"{n:>3} | {line}\n" for n, line in enumerate(GOOD.splitlines(), 1)), GOOD),
    "a cut end that nothing needs": (GOOD + CUT, GOOD),
    "a cut end with a decorator": (f"{GOOD}\n\n@cache\ndef score(op):\n    return (1 +", GOOD),
    "a cut script": (f'{GOOD}\n\nif __name__ == "__main__":\n    run(\n', GOOD),
}  # fmt: skip
"""Text before and after."""

REFUSED = {
    "cut within the scheduler": GOOD[: GOOD.index("                    assignments")],
    "a cut end that is needed": INIT + SCHEDULER + "\n\ndef fits(pool, ram):\n    return (pool.avail_cpu_pool",
    "a cut end that is named": GOOD.replace(LOOP, f"    s.report = report\n{LOOP}") + CUT,
    "a broken helper in the middle": GOOD.replace("(pool, ram):", "(pool, ram:"),
    "left out in words": GOOD.replace("    s.ram = {}", "    ... (unchanged) ..."),
    "left out on a line of its own": f"{INIT}The rest stays the same.\n",
    "left out within": f"{INIT}{CURLY[len(INIT) :].replace(END, '')}\nThe remaining code is as before.\n",
    "words that go into code": f"{CURLY}\nIf you like, use\n    s.queue = sorted(s.queue)\n",
    "words and a snippet": f"{CURLY}```\nLess memory:\n```python\nfits = min\n```\n",
    "a conflict": CURLY.replace(LOOP, f"<<<<<<< SEARCH\n{LOOP}=======\n{LOOP}>>>>>>> REPLACE\n"),
    "a wrong indentation": GOOD.replace(LOOP, f"  {LOOP}"),
    "Python 2": with_line('print "waiting", len(s.queue)'),
    "a bracket too few": GOOD.replace("return [], assignments", "return ([], assignments"),
    "two versions": f"{CURLY}---\n{CURLY}",
    "a quote within quotes": GOOD.replace('"fit"', '“it\u2019s "fit”'),
    "braces": GOOD.replace("def init(s):", "def init(s) {"),
    "too long": CURLY + "# far too long\n" * 5_000,
    "nothing but prose": "I am sorry, but I can't do that.",
    "nothing": "",
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), MENDED.values(), ids=MENDED.keys())
def test_what_is_put_right(before: str, after: str) -> None:
    """Damage that shows goes, and what the model wrote comes back to the byte."""
    found = tried(before)
    assert found is not None
    assert found.source == after


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_made_up(text: str) -> None:
    """Where something is missing, or could be meant in two ways, nobody guesses."""
    assert tried(text) is None
