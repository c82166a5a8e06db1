"""What the template prepares: all that policies may import is in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from evo.cage import Cage, Limits
from evo.cage.rehearsal import MODULES
from evo.policy.allowed import ALLOWED
from tests.cage.policies import fault_of, policy


@pytest.fixture(scope="module")
def cage() -> Iterator[Cage]:
    """One cage for all."""
    with Cage(Limits(seconds=30)) as cage:
        yield cage


def test_what_is_allowed_is_there() -> None:
    """The gate and the cage agree on the modules of a policy."""
    assert {name for name in ALLOWED if name.partition(".")[0] != "eudoxia"} <= set(MODULES.split())


@pytest.mark.parametrize("module", MODULES.split())
def test_each_name_can_be_had_without_a_file(module: str, cage: Cage) -> None:
    """Every allowed name that this Python has can be imported, and shown, in a child that opens nothing."""
    names = sorted(ALLOWED.get(module, ()))
    body = f"import importlib\nit = importlib.import_module({module!r})\nfor name in {names}: str(getattr(it, name, None))"
    assert fault_of(cage, policy(body)) is None


def test_nothing_else_is_imported(cage: Cage) -> None:
    """A module that isn't in memory doesn't exist, on any system: no file is looked for."""
    assert "sqlite3" not in MODULES
    fault = fault_of(cage, policy("import sqlite3"))
    assert fault is not None
    assert (fault.kind, fault.message) == ("ModuleNotFoundError", "No module named 'sqlite3'")


@pytest.mark.parametrize(
    "work",
    [
        (
            "import numpy as np\na = np.random.rand(90, 90)\nassert abs((a @ np.linalg.inv(a)).trace() - 90) < 1e-6\n"
            "np.linalg.svd(a); np.fft.fft(a); np.intersect1d(a, a); str(a); np.sort(a); np.median(a); np.histogram(a)\n"
            "np.percentile(a, 5); a.mean(); a.argsort(); np.array([1.5, 'x']).tolist(); np.unique(a, axis=0)"
        ),
        "import traceback\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    assert 'ZeroDivisionError' in traceback.format_exc()",
        (
            "import logging, warnings\nlogging.basicConfig()\nlogging.getLogger('x').error('x')\nwarnings.warn('x')\n"
            "logging.exception('x')"
        ),
        (
            "from dataclasses import dataclass, field, asdict\nfrom typing import NamedTuple, get_type_hints\n"
            "@dataclass(order=True)\nclass A:\n    b: int = 0\n    c: list = field(default_factory=list)\nasdict(A())\n"
            "get_type_hints(A)\nclass B(NamedTuple):\n    d: int\nB(1)"
        ),
        (
            "import json, decimal, statistics, fractions, string, copy, re, pprint, datetime, hashlib, uuid\n"
            "json.dumps({'a': [1.5]}); decimal.Decimal(2).sqrt(); statistics.NormalDist().cdf(0); fractions.Fraction('1/3')\n"
            "string.Template('$a').substitute(a=1); copy.deepcopy({'a': [1]}); re.sub('a', 'b', 'a'); pprint.pformat([1])\n"
            "str(datetime.timedelta(1)); hashlib.sha256(b'x').hexdigest(); uuid.uuid5(uuid.NAMESPACE_DNS, 'x')"
        ),
        "'\\u00e9'.encode('latin-1'); 'x'.encode('utf-16'); 'x'.encode('cp1252'); eval(\"'\\\\N{BULLET}'\")\nf'{1e6:,.2f}'",
    ],
)
def test_common_work_needs_no_file(work: str, cage: Cage) -> None:
    """What the standard library and numpy import only when they need it is there as well."""
    assert fault_of(cage, policy(work)) is None
