"""What a run bears: a fifth of the answers is broken code, a tenth of the calls meets each fault that servers have.

    python tests/benchmarks/faults.py [--children N] [--service NAME] [--suite S.toml] [--json]

A whole run for each service, on a server nearby that has these faults by turns. Every child must be an individual or
a skipped number with its reason, and the run's ledger must be the server's own. Deadlines and waits are cut short, so
that nobody waits for them. Exits with 1 if anything was lost.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest import mock

from genai_prices import extract_usage
from rich.console import Console
from rich.table import Table

import evo
import evo.consulting
from evo.config import RunConfig
from evo.consulting import Calling
from evo.llm.patience import Patience
from evo.llm.settings import Settings
from tests.consulted import PRICE, Neighbour, answers, asking
from tests.llm.server import (
    Behaviour,
    Bill,
    Cut,
    Fail,
    Raw,
    Reset,
    Say,
    Server,
    Stall,
    Torn,
    Trouble,
)

NAMES = MappingProxyType({"anthropic": "anthropic:claude-sonnet-5-5", "openai": "openai:gpt-6.1-terra"})
SERVICES = (*NAMES, "compatible")
LIAR = "a-model-that-tells-no-truth"
DEADLINE, LONGEST = 1.0, 0.05
"""Seconds for a call, and between two."""

ERRORS: Mapping[str, Behaviour] = MappingProxyType(
    {
        "429": Fail(429, "rate_limit_error"),
        "429, 200 s": Fail(429, "rate_limit_error", headers={"retry-after": "200"}),
        "429, 0 s": Fail(429, "rate_limit_error", headers={"retry-after-ms": "0"}),
        "500": Fail(500),
        "502, a page": Fail(502, page="<html>Bad gateway</html>"),
        "503": Fail(503, "unavailable_error"),
        "529": Fail(529, "overloaded_error"),
        "408": Fail(408, "timeout_error"),
        "reset": Reset(),
        "stall": Stall(),
        "stall, begun": Stall("So be it, if I"),
        "stall, dripping": Stall(drip=0.2),
        "torn": Torn("So be it, and more than that."),
        "cut": Cut("So be it, and more than that."),
        "cut, cleanly": Cut("So be it, and more than that.", clean=True),
        "error on a 200": Trouble(),
        "error after text": Trouble(text="So be it, and then"),
        "page on a 200": Raw(b"<html>Log in</html>", "text/html"),
        "{}": Raw(b"{}"),
        "null": Raw(b"null"),
        "nothing": Say(""),
        "refusal": Say("I can't do that.", stop="refusal"),
        "truncated": Say("class", stop="tokens"),
        "no usage": Say("So be it.", usage="missing", model=LIAR),
        "wrong usage": Say(
            "So be it.",
            usage={
                "input_tokens": -3,
                "output_tokens": "many",
                "prompt_tokens": 1.5,
                "completion_tokens": None,
            },
            model=LIAR,
        ),
    }
)
"""What a tenth of the calls meets, by turns."""
_STRIDE = 8
"""From one to the next, so that a short run meets all sorts."""


class Faulty:
    """A model that errs and its server that fails, the same for the same number; counts what it did."""

    def __init__(self) -> None:
        self.met: Counter[str] = Counter()
        self._neighbour = Neighbour(nonsense=0.2)
        self._kinds = tuple(ERRORS)
        self._lock = threading.Lock()

    def __call__(self, number: int, body: dict[str, Any]) -> Behaviour:
        """Every tenth call meets the next of the faults."""
        if number % 10 != 4:
            said = self._neighbour(number, {"messages": body.get("messages") or body["input"]})
            return replace(said, text=marked(said.text, number))
        kind = self._kinds[number // 10 * _STRIDE % len(self._kinds)]
        with self._lock:
            self.met[kind] += 1
        return ERRORS[kind]


def marked(text: str, number: int) -> str:
    """An answer whose policy is no twin of any other."""
    bare = re.sub(r"MARK = \d+\n\n\n", "", text)
    return bare.replace("@register_scheduler(", f"MARK = {number}\n\n\n@register_scheduler(", 1)


@dataclass(frozen=True)
class Row:
    """What came of a run on one service."""

    service: str
    seconds: float
    children: int
    individuals: int
    skipped: Mapping[str, int]
    """How many numbers have no individual, by reason."""
    lost: int
    """Numbers that are neither, or have no reason."""
    calls: int
    met: Mapping[str, int]
    """How many calls met which fault."""
    answers: int
    unpriced: int
    """Answers of which nobody knows what they used."""
    booked: tuple[int, ...]
    """Tokens in, out, read from a cache and written to it, by the run."""
    charged: tuple[int, ...]
    """The same by the server."""
    dollars: tuple[str, str]
    """By the run, and by the server."""
    longest: float
    """Seconds that were waited at once, at most."""

    @property
    def sound(self) -> bool:
        """Whether nothing is missing."""
        return (
            not self.lost
            and self.booked == self.charged
            and Decimal(self.dollars[0]) == Decimal(self.dollars[1])
        )


def main() -> None:
    """Run, and print a table, or JSON."""
    parser = argparse.ArgumentParser(description="What a run bears.")
    parser.add_argument("--children", type=int, default=200, help="children of a run")
    parser.add_argument("--service", choices=SERVICES, help="only this one")
    parser.add_argument("--suite", default="quick", help="the traces to be scored on")
    parser.add_argument("--json", action="store_true", help="figures for machines")
    options = parser.parse_args()
    chosen = SERVICES if options.service is None else (options.service,)
    with tempfile.TemporaryDirectory() as folder:
        rows = [measured(name, options.children, Path(folder) / name, options.suite) for name in chosen]
    if options.json:
        Console().print_json(json.dumps([asdict(row) | {"sound": row.sound} for row in rows], default=dict))
    else:
        show(rows)
    sys.exit(not all(row.sound for row in rows))


def measured(service: str, children: int, root: Path, suite: str) -> Row:
    """What comes of a run with so many children (a multiple of ten) on that service."""
    waits = [0.0]
    faulty = Faulty()
    with ExitStack() as stack:
        server = stack.enter_context(Server(faulty))
        url = {"ANTHROPIC_BASE_URL": server.url, "OPENAI_BASE_URL": server.v1}
        keys = dict.fromkeys(("ANTHROPIC_API_KEY", "OPENAI_API_KEY"), "sk-of-the-test")
        stack.enter_context(mock.patch.dict("os.environ", url | keys))
        for name, value in (
            ("Settings", partial(Settings, seconds=DEADLINE)),
            ("Patience", partial(Patience, longest=LONGEST)),
        ):
            stack.enter_context(mock.patch.object(evo.consulting, name, value))
        given: dict[str, Any] = {"models": (NAMES[service],)} if service in NAMES else {}
        config = asking(
            server.v1, Path(suite), generations=children // 10, children=10, population=8, **given
        )
        calling = Calling(in_flight=4, notice=lambda _message, seconds: waits.append(seconds))
        begun = time.monotonic()
        for _ in evo.evolve(config, name="mine", root=root, workers=1, calling=calling):
            pass
        seconds = time.monotonic() - begun
    return _row(service, config, root, server, faulty, seconds=seconds, longest=max(waits))


def _row(service: str, config: RunConfig, root: Path, server: Server, faulty: Faulty, **more: float) -> Row:
    """What a run has saved, beside what its server has counted."""
    lines = (root / "mine" / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    born = {record["number"] for record in records if record["record"] == "individual"}
    reasons = {record["number"]: record["reason"] for record in records if record["record"] == "skipped"}
    children = config.population + config.generations * config.children
    saved = [one for one in answers(root) if one.answer.model != LIAR]
    bills = [bill for bill in server.billed if bill.model != LIAR]
    usages = [one.answer.usage for one in saved if one.answer.usage is not None]
    told = [(use.input, use.output, use.cached, use.written) for use in usages]
    prices = [one.price for one in saved if one.price is not None]
    return Row(
        service=service,
        children=children,
        individuals=len(born),
        skipped=dict(Counter(reason.partition(":")[0] for reason in reasons.values())),
        lost=len(set(range(children)) - born - {number for number, reason in reasons.items() if reason}),
        calls=len(server.requests),
        met=dict(faulty.met),
        answers=len(answers(root)),
        unpriced=sum(one.price is None for one in answers(root)),
        booked=_sums(told),
        charged=_sums([counted(bill) for bill in bills]),
        dollars=(str(sum(prices, Decimal(0))), str(sum(map(charged, bills), Decimal(0)))),
        **more,
    )


def counted(bill: Bill) -> tuple[int, int, int, int]:
    """Tokens in, out, read from a cache and written to it, by a service's own count."""
    told = bill.usage
    details = told.get("input_tokens_details", {})
    read = told.get("cache_read_input_tokens", details.get("cached_tokens", 0))
    written = told.get("cache_creation_input_tokens", details.get("cache_write_tokens", 0))
    return bill.input, bill.output, read, written


def charged(bill: Bill) -> Decimal:
    """What a service charges for an answer by its own count; the price list reads that count itself."""
    if bill.service == "compatible":
        return (Decimal(str(PRICE[0])) * bill.input + Decimal(str(PRICE[1])) * bill.output) / 1_000_000
    sent = {"model": bill.model, "usage": bill.usage}
    flavor = "responses" if bill.service == "openai" else "default"
    read = extract_usage(sent, provider_id=bill.service, api_flavor=flavor)
    return read.calc_price().total_price


def _sums(counts: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*counts, strict=True)))


def show(rows: Sequence[Row]) -> None:
    """Print the tables."""
    table = Table("", *(row.service for row in rows))
    for name in ("seconds", "children", "individuals", "lost", "calls", "answers", "unpriced", "longest"):
        table.add_row(name, *(f"{getattr(row, name):g}" for row in rows))
    for place, name in enumerate(("in", "out", "cached", "written")):
        table.add_row(f"tokens {name}", *(f"{row.booked[place]:,} = {row.charged[place]:,}" for row in rows))
    table.add_row("dollars", *(" = ".join(row.dollars) for row in rows))
    for title, part in (("skipped", "skipped"), ("met", "met")):
        for kind in dict.fromkeys(kind for row in rows for kind in getattr(row, part)):
            table.add_row(f"{title}: {kind}", *(str(getattr(row, part).get(kind, 0)) for row in rows))
    console = Console()
    console.print(table)
    for row in rows:
        console.print(f"{row.service}: {'all is accounted for' if row.sound else 'SOMETHING IS LOST'}")


if __name__ == "__main__":
    main()
