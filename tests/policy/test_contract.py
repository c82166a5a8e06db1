"""Tests of the contract: what is accepted, and what each breach is told."""

from __future__ import annotations

import pytest

from evo.errors import PolicyError
from evo.policy import parse

from .samples import SHORT, body

INIT = "def init(s):"
SCHEDULER = "def schedule(s, results, pipelines):"

ACCEPTED = {
    "positional key": SHORT.replace("key=", ""),
    "attribute": "import eudoxia.scheduler as es\n" + SHORT.replace("@reg", "@es.reg"),
    "renamed import": "from eudoxia.scheduler import register_scheduler as rs\n"
    + SHORT.replace("@register_scheduler(", "@rs("),
    "defaults": SHORT.replace(SCHEDULER, "def schedule(s, results, pipelines, trace=None):"),
    "varargs": SHORT.replace(SCHEDULER, "def schedule(s, *rest):\n    results, pipelines = rest"),
    "positional only": SHORT.replace(INIT, "def init(s, /):"),
    "keyword with default": SHORT.replace(INIT, "def init(s, *, debug=False):"),
    "a generator beside": SHORT + "\n\ndef pairs(xs):\n    yield from xs\n",
    "a generator within": body("def each():\n    yield 1\nfirst = next(each())"),
    "a key of many words": SHORT.replace('"short"', "'It\\'s short, \\u00e9'"),
}


@pytest.mark.parametrize("source", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_lenient(source: str) -> None:
    """Whatever Eudoxia could register and call is a policy."""
    assert parse(source).source == source


REFUSED = {
    "no init": (
        SHORT.replace('@register_scheduler_init(key="short")\n', ""),
        "add @register_scheduler_init",
        None,
    ),
    "no scheduler": (
        SHORT.replace('@register_scheduler(key="short")\n', ""),
        r"add @register_scheduler\(",
        None,
    ),
    "two schedulers": (
        SHORT + '\n\n@register_scheduler(key="b")\ndef other(s, r, p):\n    return [], []\n',
        "keep exactly one",
        17,
    ),
    "different keys": (SHORT.replace('init(key="short")', 'init(key="long")'), "the same key", 6),
    "key in a variable": ('K = "short"\n' + SHORT.replace('"short"', "K"), "literal string", 2),
    "formatted key": (SHORT.replace('"short"', 'f"short"'), "literal string", 1),
    "no key": (SHORT.replace('key="short"', ""), "exactly one argument", 1),
    "another keyword": (SHORT.replace("key=", "name="), "exactly one argument", 1),
    "not called": (SHORT.replace('_init(key="short")', "_init"), "is not called", 1),
    "empty key": (SHORT.replace('"short"', '" "'), "printable", 1),
    "unprintable key": (SHORT.replace('"short"', '"a\\ud800"'), "printable", 1),
    "init of two": (SHORT.replace(INIT, "def init(s, more):"), r"write def init\(s\):", 2),
    "scheduler of two": (SHORT.replace(SCHEDULER, "def schedule(s, results):"), "3 positional arguments", 7),
    "scheduler of four": (
        SHORT.replace(SCHEDULER, "def schedule(s, results, pipelines, x):"),
        "3 positional arguments",
        7,
    ),
    "keyword needed": (SHORT.replace(INIT, "def init(s, *, x):"), "1 positional argument;", 2),
    "async": (SHORT.replace("def schedule", "async def schedule"), "async function", 7),
    "generator": (SHORT.replace("return [], out", "yield [], out"), "contains yield", 13),
    "inside a block": ("if True:\n    " + SHORT.replace("\n", "\n    "), "move it to the top level", 3),
    "a class": (SHORT + "\n\n@register_scheduler('x')\nclass C:\n    pass\n", "decorates a class", 17),
}


@pytest.mark.parametrize(("source", "words", "line"), REFUSED.values(), ids=REFUSED.keys())
def test_breaches(source: str, words: str, line: int | None) -> None:
    """Each breach is told with its line and the way to mend it."""
    with pytest.raises(PolicyError, match=words) as caught:
        parse(source)
    assert caught.value.line == line
