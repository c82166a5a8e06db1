"""Whole runs whose children language models write: what is asked, saved, paid and repeated, on a real server nearby."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import evo
from evo.config import RunConfig
from evo.consulting import Calling
from evo.errors import InputError, ModelError, RunError
from evo.metric import Metric
from tests.consulted import PRICE, Neighbour, answers, asking, cost
from tests.llm.server import Behaviour, Fail, Raw, Reset, Say, Server


def contents(root: Path) -> dict[str, bytes]:
    """Every file under a folder by its path."""
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def run(config: RunConfig, root: Path, **given: Any) -> None:
    """A whole run called "mine"."""
    for _ in evo.evolve(config, name="mine", root=root, **({"workers": 1} | given)):
        pass


def billed(server: Server) -> tuple[int, int, Decimal]:
    """What a server counted: tokens in and out, and dollars at `PRICE`."""
    tokens = [sum(getattr(bill, way) for bill in server.billed) for way in ("input", "output")]
    dollars = sum(Decimal(str(price)) * count for price, count in zip(PRICE, tokens, strict=True)) / 1_000_000
    return tokens[0], tokens[1], Decimal(dollars)


def booked(root: Path) -> tuple[int, int, Decimal]:
    """The same as the run has it."""
    saved = answers(root)
    usages = [one.answer.usage for one in saved if one.answer.usage]
    return sum(usage.input for usage in usages), sum(usage.output for usage in usages), cost(saved)


def test_models_make_the_children(tiny: Path, tmp_path: Path) -> None:
    """Every child is by the model, from living parents; what was paid is known to the token and the cent."""
    with Server(Neighbour()) as server:
        run(asking(server.v1, tiny), tmp_path)
        assert booked(tmp_path) == billed(server)
        assert len(answers(tmp_path)) == len(server.requests)
    saved = evo.load_run("mine", root=tmp_path)
    children = [one for one in saved.individuals if one.lineage.variation != "initial"]
    assert len(children) > 4
    assert {one.lineage.model for one in children} == {f"{server.v1}#neighbour"}
    assert {one.lineage.variation for one in children} == {"mutation", "crossover"}
    questions = {one.question for one in answers(tmp_path)}
    assert all(set(one.lineage.questions) <= questions for one in children)
    assert saved.stop == "generations"


def test_timing_changes_nothing(tiny: Path, tmp_path: Path) -> None:
    """One call at a time and one worker, or many of both and answers out of order: the same bytes."""
    with Server(Neighbour(nonsense=0.2, delay=0.05)) as server:
        for overlap in (0, 1):
            config = asking(server.v1, tiny, overlap=overlap)
            run(config, tmp_path / f"one{overlap}", workers=1, calling=Calling(in_flight=1))
            run(config, tmp_path / f"many{overlap}", workers=2, calling=Calling(in_flight=8))
            assert contents(tmp_path / f"one{overlap}") == contents(tmp_path / f"many{overlap}")


def test_a_share_of_the_children(tiny: Path, tmp_path: Path) -> None:
    """With a share of a half the others are varied offline, and cost nothing."""
    with Server(Neighbour()) as server:
        run(asking(server.v1, tiny, model_share=0.5, children=10), tmp_path)
        calls = len(server.requests)
    made = [bool(one.lineage.model) for one in evo.load_run("mine", root=tmp_path).individuals[2:]]
    assert 0.2 < sum(made) / len(made) < 0.8
    assert calls == len(answers(tmp_path)) < len(made)


SLOWLY = """
import sys
from pathlib import Path
import evo
from evo.consulting import Calling
root, toml = Path(sys.argv[1]), Path(sys.argv[2])
if __name__ == "__main__":
    from evo.config import read_config
    calling = Calling(in_flight=4)
    if (root / "mine").exists():
        events = evo.resume("mine", root=root, workers=1, calling=calling)
    else:
        events = evo.evolve(read_config(toml), name="mine", root=root, workers=1, calling=calling)
    for _ in events:
        pass
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_killed_during_calls(tiny: Path, tmp_path: Path) -> None:
    """Killed by SIGKILL twice while answers are on their way, a run ends the same, and asks nothing twice.

    Only what had been asked and not yet answered at a kill may be asked again.
    """
    with Server(Neighbour(nonsense=0.2, delay=0.1)) as server:
        config = asking(server.v1, tiny)
        run(config, tmp_path / "whole")
        whole = len(server.requests)
        toml = tmp_path / "config.toml"
        toml.write_text(config.to_toml())
        command = [sys.executable, "-c", SLOWLY, str(tmp_path / "killed"), str(toml)]
        for kill in range(3):
            begun = len(server.requests)
            process = subprocess.Popen(command, cwd=Path(__file__).parents[1])
            while kill < 2 and len(server.requests) < begun + 4 and process.poll() is None:
                threading.Event().wait(0.01)
            if kill < 2:
                process.send_signal(signal.SIGKILL)
            process.wait(120)
        assert process.returncode == 0
        assert len(server.requests) - whole <= whole + 2 * 4
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")


def test_a_run_is_told_again_without_a_server(tiny: Path, tmp_path: Path) -> None:
    """From its answers alone a run comes out the same; where one is missing, that is said."""
    with Server(Neighbour()) as server:
        config = asking(server.v1, tiny)
        run(config, tmp_path / "first")
    with pytest.raises(RunError, match="holds no answer"):
        run(config, tmp_path / "again", calling=Calling(allowed=False))
    shutil.copytree(tmp_path / "first" / "mine" / "answers", tmp_path / "again" / "mine" / "answers")
    shutil.copytree(tmp_path / "again", tmp_path / "missing")
    next((tmp_path / "missing" / "mine" / "answers").glob("00007*")).unlink()
    with pytest.raises(RunError, match="no answer to call 0 for child 7"):
        list(evo.resume("mine", root=tmp_path / "missing", calling=Calling(allowed=False), workers=1))
    list(evo.resume("mine", root=tmp_path / "again", calling=Calling(allowed=False), workers=1))
    assert contents(tmp_path / "again") == contents(tmp_path / "first")


@pytest.mark.parametrize("limit", [0.0, 0.7])
def test_a_budget_is_never_exceeded(tiny: Path, tmp_path: Path, limit: float) -> None:
    """The run ends before the calls in flight could cost more than there is; with a larger budget it goes on."""
    with Server(Neighbour(nonsense=0.3)) as server:
        config = asking(server.v1, tiny, budget=limit)
        run(config, tmp_path, calling=Calling(in_flight=8))
        assert billed(server)[2] <= Decimal(str(limit))
        assert billed(server) == booked(tmp_path)
        saved = evo.load_run("mine", root=tmp_path)
        assert saved.stop == "budget"
        run(config, tmp_path / "slowly", workers=1, calling=Calling(in_flight=1))
        assert contents(tmp_path / "slowly" / "mine") == contents(tmp_path / "mine")
        list(evo.resume("mine", root=tmp_path, budget=100.0))
        assert evo.load_run("mine", root=tmp_path).stop == "generations"


def test_a_budget_needs_prices(tiny: Path, tmp_path: Path) -> None:
    """Where nobody knows what a model costs there can be no cap, which is said before anything is asked."""
    with pytest.raises(InputError, match="price"):
        run(asking("http://127.0.0.1:1/v1", tiny, budget=1.0, prices={}), tmp_path)
    assert not (tmp_path / "mine").exists()


def test_faults_cost_a_child_and_nothing_else(tiny: Path, tmp_path: Path) -> None:
    """A fifth of the code is broken and a tenth of the calls fail: each child is accounted for, and so is each cent."""
    neighbour = Neighbour(nonsense=0.2)

    def script(number: int, body: dict[str, Any]) -> Behaviour:
        if number % 10 == 3:
            return (Fail(529), Fail(500), Reset(), Fail(429, headers={"retry-after": "0"}))[number // 10 % 4]
        return neighbour(number, body)

    with Server(script) as server:
        run(asking(server.v1, tiny, generations=3, children=12), tmp_path)
        assert booked(tmp_path) == billed(server)
    saved = evo.load_run("mine", root=tmp_path)
    journal = (tmp_path / "mine" / "journal.jsonl").read_text().splitlines()
    skipped = [line for line in journal if '"record":"skipped"' in line]
    assert len(saved.individuals) + len(skipped) == 5 + 3 * 12
    assert any("repair" in one.purpose for one in answers(tmp_path))


def test_a_server_that_refuses_for_good_stops_the_run(tiny: Path, tmp_path: Path) -> None:
    """A wrong key burns no generations: the run stops, says what to do, and goes on when that is mended."""
    neighbour, refusing = Neighbour(), threading.Event()

    def script(number: int, body: dict[str, Any]) -> Behaviour:
        return Fail(401, "authentication_error") if refusing.is_set() else neighbour(number, body)

    with Server(script) as server:
        config = asking(server.v1, tiny)
        run(config, tmp_path / "whole")
        events = evo.evolve(config, name="mine", root=tmp_path / "stopped")
        for number, _ in enumerate(events):
            if number == 5:
                refusing.set()
                break
        events.close()
        with pytest.raises(ModelError, match="resume"):
            list(evo.resume("mine", root=tmp_path / "stopped"))
        refusing.clear()
        list(evo.resume("mine", root=tmp_path / "stopped"))
    assert contents(tmp_path / "stopped") == contents(tmp_path / "whole")


def test_what_is_no_model_is_noticed(tiny: Path, tmp_path: Path) -> None:
    """A server that answers every question with a page is no model: after a few of those the run stops."""
    with Server(lambda number, body: Raw(b"<html>Log in</html>", "text/html")) as server:
        with pytest.raises(ModelError, match="right address"):
            run(asking(server.v1, tiny), tmp_path, calling=Calling(in_flight=1))
        assert 5 <= len(server.requests) <= 9


def test_the_same_parent_each_time(tiny: Path, tmp_path: Path) -> None:
    """The strategy independent shows the best policy of the first population to everybody."""
    with Server(Neighbour()) as server:
        run(asking(server.v1, tiny, strategy="independent"), tmp_path)
    individuals = evo.load_run("mine", root=tmp_path).individuals
    first = min(individuals[:2], key=lambda one: one.fitness.value if one.fitness else 1e9)
    assert {one.lineage.parents for one in individuals[2:]} == {(first.id,)}


def test_a_conversation(tiny: Path, tmp_path: Path) -> None:
    """The strategy chat tells the model what came of each answer before it asks for the next, within bounds."""
    with Server(Neighbour()) as server:
        config = asking(server.v1, tiny, strategy="chat", children=4)
        run(config, tmp_path / "whole")
        turns = [len(request.body["messages"]) for request in server.requests]
        events = evo.evolve(config, name="mine", root=tmp_path / "left")
        next(events)
        events.close()
        list(evo.resume("mine", root=tmp_path / "left"))
    assert turns[0] < turns[1] < turns[2]
    assert contents(tmp_path / "left") == contents(tmp_path / "whole")
    assert {one.purpose for one in answers(tmp_path / "whole")} <= {"chat", "repair"}


def test_several_models(tiny: Path, tmp_path: Path) -> None:
    """Of several models each is asked as often as its weight says, and has its own share of the bill."""
    with Server(Neighbour()) as server:
        names = (f"{server.v1}#one", f"{server.v1}#two")
        given = {"models": (f"{names[0]}=4", names[1]), "prices": dict.fromkeys(names, PRICE), "children": 20}
        run(asking(server.v1, tiny, **given), tmp_path)
        assert booked(tmp_path) == billed(server)
    asked = [one.model for one in answers(tmp_path) if one.step == 0]
    assert asked.count(names[0]) > asked.count(names[1]) > 0


def test_models_are_told_of_all_metrics(tiny: Path, tmp_path: Path) -> None:
    """By several metrics a question explains each, says that they are at odds, and gives each value of parent and marks."""
    with Server(Neighbour()) as server:
        metrics = (Metric.LATENCY, Metric.THROUGHPUT, Metric.BATCH_P99)
        run(asking(server.v1, tiny, metric=metrics, children=2), tmp_path)
        bodies = [request.body["messages"] for request in server.requests]
    said, asked = (str(turn["content"]) for turn in bodies[0][:2])
    assert "3 metrics are scored" in said
    assert all(f"`{metric.value}`, in " in said for metric in metrics)
    assert re.search(r"- naive: latency [\d.]+, throughput [\d.]+, batch-p99 [\d.]+\n", asked)
    assert re.search(r"latency [\d.]+ s, throughput [\d.]+/s, batch-p99 [\d.]+ s, median of 2 traces", asked)
    assert "median batch-p99 | " in asked


def test_what_can_be_mended_is_not_asked_again(tiny: Path, tmp_path: Path) -> None:
    """An import that nothing uses is taken out for nothing; a lineage says so."""
    neighbour = Neighbour()

    def script(number: int, body: dict[str, Any]) -> Behaviour:
        said = neighbour(number, body)
        return Say(said.text.replace("```python\n", "```python\nimport os\n"))

    with Server(script) as server:
        run(asking(server.v1, tiny), tmp_path)
    assert {one.step for one in answers(tmp_path)} == {0}
    children = evo.load_run("mine", root=tmp_path).individuals[2:]
    assert children
    assert all("mended" in one.lineage.detail and "import os" not in one.policy.source for one in children)
