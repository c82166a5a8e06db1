"""Tests of mending as a whole: any text ends in a policy or in nothing, soon, and always in the same."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evo.errors import PolicyError
from evo.policy import parse
from evo.variation.mending import MOST_CHARACTERS, mended
from tests.hostile.corpus import FILES, kind_of
from tests.variation.mending.samples import END, GOOD, INIT, tried, with_line
from tests.variation.mending.test_damage import MENDED as DAMAGED
from tests.variation.mending.test_needless import MENDED as NEEDLESS
from tests.variation.mending.test_needless import REFUSED
from tests.variation.mending.test_registering import MENDED as UNREGISTERED

PIECES = [
    *GOOD.splitlines(keepends=True),
    *(f"{line}\n" for text in (*NEEDLESS.values(), *DAMAGED.values(), *UNREGISTERED.values()) for line in text[0].split("\n")),
    *(f"{line}\n" for text in REFUSED.values() for line in text.split("\n")),
]  # fmt: skip
"""Lines of all kinds."""


def mended_soundly(text: str, error: PolicyError) -> None:
    """Mend a text twice, and check what comes of it."""
    found = mended(text, error)
    assert found == mended(text, error)
    if found is not None:
        again = parse(found.source)
        assert (again.source, again.hash, again.key) == (found.source, found.hash, found.key)


def error_of(text: str) -> PolicyError:
    """What a text is refused for; any error, if it isn't."""
    try:
        parse(text)
    except PolicyError as error:
        return error
    return PolicyError("no fault", 3, "forbidden")


ERRORS = st.builds(
    PolicyError,
    st.text(max_size=5),
    st.none() | st.integers(-5, 10**6),
    st.sampled_from(["syntax", "contract", "forbidden", "?"]),
)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), ERRORS)
@example("\x00", PolicyError("", None, "syntax"))
@example("\ud800", PolicyError("", 1, "forbidden"))
def test_any_text_and_error(text: str, error: PolicyError) -> None:
    """Whatever is handed in, a policy that parses comes back, or nothing."""
    mended_soundly(text, error)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12), st.integers(0, len(GOOD)), ERRORS, st.booleans())
def test_any_lines_within_a_policy(lines: list[str], place: int, error: PolicyError, own: bool) -> None:
    """The same for lines put anywhere into a policy, with the error that it has, or with any other."""
    text = GOOD[:place] + "".join(lines) + GOOD[place:]
    mended_soundly(text, error_of(text) if own else error)


@pytest.mark.parametrize("name", sorted(UNREGISTERED.keys() - {"as JSON", "as a string"}))
def test_faults_of_several_kinds(name: str) -> None:
    """Damage, missing registrations and needless imports at once are mended one after the other."""
    before, after = UNREGISTERED[name]
    for text in (f"{before}\n\nimport os\n", f"{before}\n\n---\nfrom eudoxia.core import Suspend\n"):
        found = tried(text)
        assert found is not None
        assert found.source == after


HARMLESS = {
    "computed_key",
    "keys_differ",
    "logging_config",
    "logging_file",
    "logging_socket",
    "markup_key",
    "open_file",
}
"""Hostile policies that only register or tell what they shouldn't."""


def test_hostile_policies_stay_refused() -> None:
    """Of all that was written to break out, only what tells something in vain is mended, by taking that away."""
    found = set()
    for path in FILES:
        text = path.read_bytes().decode(errors="replace")
        if kind_of(path) in {"contract", "forbidden", "syntax"} and mended(text, error_of(text)) is not None:
            found.add(path.stem)
    assert found == HARMLESS


@pytest.mark.parametrize(
    "text",
    [
        "x = “" * 9_000,
        '"""\\' * 12_000,
        "(" * MOST_CHARACTERS,
        "```\n" * 12_000,
        "---\n" * 12_000,
        "Words again.\n" * 3_000 + GOOD,
        "import os\n" * 1_500 + GOOD,
        "import time\n" + with_line("\n".join(f"t{n} = time.time()" for n in range(800))),
        "import time\nt0 = time.time()\n" + "".join(f"t{n + 1} = t{n}\n" for n in range(1_200)) + GOOD,
        "import time\n" + with_line("\n".join(f"{'    ' * n}if s.a{n}:" for n in range(50)) + f"\n{'    ' * 50}print(time.time())"),
        INIT + "".join(f"def f{n}():\n    return f{n + 1}()\n" for n in range(700)) + GOOD[len(INIT) :] + "open(1)\n",
        f"x = {'-' * 40_000}1\n{GOOD}",
        with_line(f"s.x = {'(' * 70}open('a'){')' * 70}", END),
    ],
    ids=range(13),
)  # fmt: skip
def test_what_takes_long(text: str) -> None:
    """Text made to take long is done with in bounded work, and without Python's stack running out."""
    mended_soundly(text, error_of(text))


def test_eight_faults_are_enough() -> None:
    """A text with more faults than that, one behind the other, is given up."""
    faults = [f"---\nx{n} = {n}\n" for n in range(9)]
    curly = GOOD.replace('"fit"', "“fit”")
    assert tried(curly + "".join(faults)) is None
    assert tried(curly + "".join(faults[:3])) is not None
