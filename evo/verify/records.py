"""What a run's own records and sources say, held against each other; nothing is simulated.

Each source must be what its digest says, and its hash that of its normal form; what stands at the end of a generation
must follow, by evo's own selection, from what stands before it. Knows no suite and no score of today.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from evo.config import RunConfig
from evo.errors import PolicyError
from evo.nursery import summary
from evo.policy import parse
from evo.population import FailureKind, Policy
from evo.records import Birth, Closed, Initial, Record, RunState
from evo.runfolder import JOURNAL, find_run
from evo.saved import Reader, Run, decode, digest, load, needed, run_of
from evo.verify.differences import Findings

_KINDS = frozenset(kind.value for kind in FailureKind)


@dataclass(frozen=True, slots=True)
class Reading:
    """A run as it was read, and what its records and sources come to beside each other."""

    run: Run
    programs: Mapping[int, Policy]
    """By number, the policies of which the source is what was saved, as today's parser has them."""
    legacy: frozenset[int]
    """Numbers of those whose failures have the name of a kind that is none any more."""
    found: tuple[Findings, ...]


def read(root: Path | None, name: str) -> Reading:
    """A run, also with sources that were changed; raises RunError if it is unknown, damaged or newer otherwise."""
    folder = find_run(root, name)

    def as_it_is(entry: Birth) -> str:
        return needed(folder / entry.file).decode("utf-8", "backslashreplace")

    config, state, size = load(folder, as_it_is)
    lines = needed(folder / JOURNAL)[:size].splitlines()
    records = [decode(line) for line in lines]
    run = run_of(folder, config, state)
    births = [record for record in records if isinstance(record, Birth)]
    programs: dict[int, Policy] = {}
    found = [
        *(_founder(*pair) for pair in zip(run.header.initial, births, strict=False)),
        *_sources(folder, births, programs),
        *_generations(config, records, as_it_is),
    ]
    old = {one.number for one in births if one.failure is not None and one.failure.kind not in _KINDS}
    return Reading(run, programs, frozenset(old), tuple(found))


def _founder(entry: Initial, birth: Birth) -> Findings:
    """What the header says of a policy of the first population, beside what its own record says."""
    findings = Findings("founder", birth.number)
    for what in ("name", "hash", "key", "file", "digest"):
        now = birth.lineage.detail if what == "name" else getattr(birth, what)
        findings.compare(what, getattr(entry, what), now)
    return findings


def _sources(folder: Path, births: list[Birth], programs: dict[int, Policy]) -> Iterator[Findings]:
    """What their sources and parents say of individuals; those whose source was saved so are among the `programs`."""
    born: set[str] = set()
    for birth in births:
        findings = Findings("individual", birth.number)
        parents = birth.lineage.parents
        findings.compare("parents", list(parents), [parent for parent in parents if parent in born])
        born.add(str(birth.number))
        data = needed(folder / birth.file)
        findings.compare(f"digest of {birth.file}", birth.digest, digest(data))
        if digest(data) == birth.digest:
            _hold_text(findings, birth, data.decode("utf-8", "backslashreplace"), programs)
        yield findings


def _hold_text(findings: Findings, birth: Birth, text: str, programs: dict[int, Policy]) -> None:
    if not birth.key:
        findings.compare("hash", birth.hash, hashlib.sha256(b"refused\0" + text.encode()).hexdigest())
        return
    try:
        programs[birth.number] = policy = parse(text)
    except PolicyError as error:
        findings.compare("source", "a policy", f"refused: {error}")
        return
    findings.compare("hash", birth.hash, policy.hash)
    findings.compare("key", birth.key, policy.key)


def _generations(config: RunConfig, records: list[Record], as_it_is: Reader) -> Iterator[Findings]:
    """What each generation's record says, beside what follows from the records before it."""
    state = RunState(as_it_is)
    for record in records:
        if isinstance(record, Closed):
            findings = Findings("generation", record.number)
            now = msgspec.structs.asdict(summary(config, state))
            for what, was in msgspec.structs.asdict(record).items():
                # Kinds that an earlier evo counted are none any more; how a search goes on is no claim about anybody.
                known = what != "failures" or _KINDS.issuperset(record.failures)
                if known and what != "explores":
                    findings.compare(what, msgspec.to_builtins(was), msgspec.to_builtins(now[what]))
            yield findings
        state.apply(record)
