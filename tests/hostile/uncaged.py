"""Runs policies in the cage without having looked at them first, as a gate with a hole would let them through.

Called with a folder of policies, a suite and limits, it writes a line of JSON for each: its kind, its words, its score.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from evo.cage import Cage, Limits
from evo.evaluation import Engine, load_suite
from evo.evaluation.metrics import failure
from evo.simulator.stats import RunFailure


def main(folder: str, suite_file: str, limits: str) -> None:
    """Run all of them, one after the other, from one cage."""
    suite = load_suite(suite_file)
    trace = suite.traces[0]
    seconds, memory, work = json.loads(limits)
    with Cage(Limits(seconds, memory, work)) as cage:
        for path in sorted(Path(folder).glob("*.py")):
            source = path.read_text()
            key = re.search(r'register_scheduler\(key="([^"]+)"', source)
            assert key is not None, path
            result = Engine(cage).run(source, key[1], trace, suite.parameters)
            told: dict[str, object] = {"name": path.stem}
            if isinstance(result, RunFailure):
                fault = failure(result, trace.name)
                told |= {"kind": fault.kind.value, "message": fault.message, "printed": fault.printed}
            else:
                told |= {"kind": "scored", "score": str(result.adjusted_latency())}
            sys.stdout.write(f"{json.dumps(told)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
