"""Tests of registrations: two functions that are there get their decorators and one key; in doubt they don't."""

from __future__ import annotations

import json

import pytest

from tests.variation.mending.samples import GOOD, HELPER, INIT, LOOP, SCHEDULER, tried

BARE_INIT = INIT.removeprefix('@register_scheduler_init(key="fit")\n')
BARE = SCHEDULER.removeprefix('@register_scheduler(key="fit")\n')
STATELESS = """\
@register_scheduler(key="fit")
def schedule(s, results, pipelines):
    if not hasattr(s, "queue"):
        s.queue = []
    s.queue.extend(pipelines)
    return [], []
"""
EMPTY = '@register_scheduler_init(key="fit")\ndef init(s):\n    pass\n\n\n'


def keyed(key: str) -> str:
    """The policy under another key."""
    return GOOD.replace('"fit"', f'"{key}"')


MENDED = {
    "two keys": (GOOD.replace('"fit"', '"fit-init"', 1), GOOD),
    "no key at one": (GOOD.replace('(key="fit")', "", 1), GOOD),
    "no key in the brackets": (GOOD.replace('key="fit"', ""), keyed("mended")),
    "no key at all": (GOOD.replace('(key="fit")', ""), keyed("mended")),
    "another word": (GOOD.replace("key=", "name="), GOOD),
    "more words": (GOOD.replace('key="fit"', 'key="fit", version=2'), GOOD),
    "a key by name": (f'KEY = "fit"\n\n\n{GOOD.replace(chr(34) + "fit" + chr(34), "KEY")}', f'KEY = "fit"\n\n\n{keyed("mended")}'),
    "an empty key": (GOOD.replace('"fit"', '""', 1), GOOD),
    "no decorators": (BARE_INIT + HELPER + BARE, keyed("mended")),
    "none at the scheduler": (INIT + HELPER + BARE, GOOD),
    "none at the init": (BARE_INIT + HELPER + SCHEDULER, GOOD),
    "decorators of a wrong name": (
        GOOD.replace("@register_scheduler_init", "@register_init").replace("@register_scheduler(", "@register("),
        keyed("mended").replace("mended", "fit"),
    ),
    "under other names": (
        "from eudoxia.scheduler import register_scheduler as rs\n"
        + GOOD.replace("@register_scheduler(", "@rs(").replace('"fit"', '"a"', 1),
        "from eudoxia.scheduler import register_scheduler as rs\n" + GOOD.replace("@register_scheduler(", "@rs("),
    ),
    "no init, and none is needed": (STATELESS, EMPTY + STATELESS),
    "as JSON": (json.dumps({"idea": "less memory", "code": GOOD}), GOOD),
    "as a string": (f"POLICY = '''\n{GOOD}'''\n", GOOD),
}  # fmt: skip
"""Text before and after."""

REFUSED = {
    "no init where one is needed": HELPER + SCHEDULER,
    "an init that is called": BARE_INIT + HELPER + SCHEDULER.replace(LOOP, f"    init(s)\n{LOOP}"),
    "two inits": BARE_INIT + BARE_INIT.replace("init(", "init_again(") + HELPER + SCHEDULER,
    "two schedulers": GOOD + "\n\n" + SCHEDULER,
    "two that could be one": INIT + HELPER + BARE + "\n\n" + BARE.replace("schedule(", "plan("),
    "no scheduler": INIT + HELPER,
    "another signature": GOOD.replace("(s, results, pipelines)", "(results, pipelines)"),
    "another order": INIT + HELPER + BARE.replace("(s, results, pipelines)", "(s, pipelines, results)"),
    "a class": f"class Fit:\n    def schedule(self, s, results, pipelines):\n        return [], []\n{INIT}",
    "an async one": GOOD.replace("def schedule", "async def schedule"),
    "a generator": GOOD.replace("return [], assignments", "yield [], assignments"),
    "registered inside": f"if True:\n    {SCHEDULER.replace(chr(10), chr(10) + '    ')}\n{INIT}{HELPER}",
    "decorators of its own": f"def register_scheduler(key):\n    return lambda f: f\n\n\n{INIT}{HELPER}{BARE}",
    "a key that is computed": GOOD.replace('key="fit"', 'key=open("key").read()'),
    "two policies as strings": json.dumps([GOOD, GOOD.replace("fit", "fat")]),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), MENDED.values(), ids=MENDED.keys())
def test_what_is_registered(before: str, after: str) -> None:
    """Where it is plain which functions are meant, they are registered under one key, and nothing else changes."""
    found = tried(before)
    assert found is not None
    assert found.source == after


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_guessed(text: str) -> None:
    """Two candidates, none, or another signature: then nothing is registered."""
    assert tried(text) is None
