"""How a peer's program is scored: it is sent to the benchmark, which scores it like everybody else's.

This file is copied beside a peer's task and runs in that peer's own environment: it knows the standard library alone, and
what both peers expect of an evaluator. Higher is better for them: 1000 over the latency, and 0 for what failed.
"""

from __future__ import annotations

import argparse
import json
import os
import urllib.request
from pathlib import Path


def evaluate(program_path: str) -> dict[str, float]:
    """The score of the program in a file, as OpenEvolve wants it."""
    data = Path(program_path).read_bytes()
    with urllib.request.urlopen(os.environ["EVO_BENCHMARK_JUDGE"], data) as reply:
        value = json.load(reply)["value"]
    return {"combined_score": 0.0 if value is None else 1000.0 / value}


def main() -> None:
    """Score a program and leave the result in files, as ShinkaEvolve wants it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--program_path", required=True)
    parser.add_argument("--results_dir", type=Path, required=True)
    options, _ = parser.parse_known_args()
    score = evaluate(options.program_path)
    correct = score["combined_score"] > 0
    told = {"correct": correct, "error": None if correct else "the program failed"}
    options.results_dir.mkdir(parents=True, exist_ok=True)
    (options.results_dir / "metrics.json").write_text(json.dumps(score))
    (options.results_dir / "correct.json").write_text(json.dumps(told))


if __name__ == "__main__":
    main()
