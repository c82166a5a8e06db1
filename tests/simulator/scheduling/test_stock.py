"""The stock policies: documented, registered under their names, and idle when nothing happens."""

from __future__ import annotations

import ast

import pytest

from evo.shipped import stock_policies
from evo.simulator.engine import simulate
from evo.simulator.parameters import Parameters
from evo.simulator.scheduling.host import Host
from evo.simulator.scheduling.loading import parse
from evo.simulator.stats import SimulatorStats
from evo.simulator.workload import generate

STOCK = stock_policies()


def test_there_are_four() -> None:
    """Upstream's built-in policies, but for the one that asks a server."""
    assert sorted(STOCK) == ["naive", "overbook", "priority", "priority-pool"]


@pytest.mark.parametrize("name", STOCK)
def test_a_stock_policy_is_an_example(name: str) -> None:
    """It says what it is for, registers its file's name twice, and imports nothing but eudoxia."""
    tree = parse(STOCK[name].read_text())
    assert len(ast.get_docstring(tree) or "") > 100
    keys = [
        keyword.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call)
        for keyword in decorator.keywords
        if isinstance(keyword.value, ast.Constant)
    ]
    assert keys == [name, name]
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert all(module.startswith("eudoxia.") for module in modules)


@pytest.mark.parametrize("name", STOCK)
def test_a_stock_policy_is_called_rarely(name: str) -> None:
    """Under load, with full queues and nothing free, calls follow events: far fewer than one in ten ticks."""
    parameters = Parameters.complete(
        {
            "duration": 60,
            "ticks_per_second": 1000,
            "num_pools": 2,
            "waiting_seconds_mean": 5.0,
            "num_pipelines": 8,
            "allow_memory_overcommit": name == "overbook",
            "multi_operator_containers": name != "overbook",
        }
    )
    host = Host(STOCK[name].read_text(), name)
    ticks = []
    begin = host._watch.begin

    def counted(tick: int) -> None:
        ticks.append(tick)
        begin(tick)

    host._watch.begin = counted  # type: ignore[method-assign]
    result = simulate(host, generate(parameters), parameters)
    assert isinstance(result, SimulatorStats)
    assert result.assignments > 5
    assert host.obstacle is None
    assert len(ticks) < parameters.max_ticks / 10
