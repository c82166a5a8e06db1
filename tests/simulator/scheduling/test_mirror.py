"""The facade follows the engine's observations."""

from __future__ import annotations

from typing import Any

from evo.simulator.messages import Memory, Observation, Order
from evo.simulator.scheduling.actions import Assignment
from evo.simulator.scheduling.cluster import Container
from evo.simulator.scheduling.mirror import Mirror
from evo.simulator.states import STATES, OperatorState, Priority
from tests.simulator.scheduling.facade import DIAMOND, arrival, mirror

ASSIGNED, RUNNING, SUSPENDING, COMPLETED = 1, 2, 3, 4


def begun(ram: float = 8) -> tuple[Mirror, Assignment]:
    """A diamond of operators, all put into one container in tick 5; now it is tick 6."""
    facade = mirror()
    _, (made,) = facade.apply(Observation(5, 0, (arrival("p", DIAMOND),)))
    assignment = Assignment(list(made.values), 2, ram, Priority.BATCH_PIPELINE, 1, "p")
    facade.answered(5, [assignment], [Order((0, 1, 2, 3), 2, ram, 1, "p")])
    facade.apply(Observation(6, 3, moves=((0, RUNNING),), started=((1, 0),), free=((1, 6, 32 - ram),)))
    return facade, assignment


def test_a_container_starts_where_it_was_ordered() -> None:
    """It is in its pool's live list, shows its assignment, and has run one tick."""
    facade, assignment = begun()
    empty, pool = facade.executor.pools
    assert empty.active_containers == []
    (container,) = pool.active_containers
    assert container.container_id == "c1"
    assert container.assignment is assignment
    assert container.operators is assignment.ops
    assert (container.pool, container.pool_id, container.priority) == (pool, 1, Priority.BATCH_PIPELINE)
    assert (pool.avail_cpu_pool, pool.avail_ram_pool, pool.get_allocated_ram_gb()) == (6, 24, 8)
    assert pool.get_container_by_id("c1") is container
    assert empty.get_container_by_id("c1") is None
    assert container.ticks_elapsed() == 1
    assert not container.can_suspend_container()
    assert repr(container) == "container=c1 pipeline=p ops=4 cpus=2 ram_gb=8"
    assert assignment.ops[0].state() is OperatorState.RUNNING


def test_time_moves_elapsed_ticks_and_the_pools_count() -> None:
    """What moves with time by itself says so when it is read; what does not, does not."""
    facade, _ = begun()
    pool = facade.executor.pools[1]
    (container,) = pool.active_containers
    watch = facade.clock.evo_watch
    watch.begin(9)
    assert (pool.num_completed, pool.cost, container.can_suspend_container(), pool.container_tick_times) == (
        0,
        0,
        False,
        [],
    )
    assert watch.still
    assert container.ticks_elapsed() == 4
    assert not watch.still
    watch.begin(9)
    assert pool.i == 9
    assert not watch.still


def test_a_result_carries_the_assignments_own_list() -> None:
    """The policy's list of operators comes back in the result; the pool's counts follow."""
    facade, assignment = begun()
    pool = facade.executor.pools[1]
    (container,) = pool.active_containers
    (result,), _ = facade.apply(
        Observation(12, 0, results=((1, "OOM"),), free=((1, 8, 32),), moves=tuple((i, 5) for i in range(4)))
    )
    assert result.ops is assignment.ops
    assert (result.cpu, result.ram, result.pool_id, result.container_id, result.error) == (
        2,
        8,
        1,
        "c1",
        "OOM",
    )
    assert result.priority is Priority.BATCH_PIPELINE
    assert pool.active_containers == []
    assert (pool.num_completed, pool.container_tick_times, pool.avail_ram_pool) == (0, [7], 32)
    assert (container.is_completed(), container.error, container.ticks_elapsed()) == (True, "OOM", 7)
    assert {op.state() for op in result.ops} == {OperatorState.FAILED}


def test_a_result_without_error_counts() -> None:
    """Successful containers are counted over all pools."""
    facade, _ = begun()
    facade.apply(Observation(12, 0, results=((1, None),)))
    assert facade.executor.num_completed() == 1
    assert facade.executor.container_tick_times() == [7]


def test_a_suspension_from_begin_to_end() -> None:
    """The container moves from list to list; its ticks stop; its writing takes whole ticks."""
    facade, assignment = begun(ram=20)
    pool = facade.executor.pools[1]
    (container,) = pool.active_containers
    facade.answered(8)
    facade.apply(Observation(9, 0, moves=((0, COMPLETED),), suspendable=((1, True),)))
    assert container.can_suspend_container()
    facade.answered(9)
    facade.apply(Observation(10, 9, moves=tuple((i, SUSPENDING) for i in (1, 2, 3)), suspending=(1,)))
    assert (pool.active_containers, pool.suspending_containers) == ([], [container])
    assert (container.suspend_ticks, container.is_suspended()) == (10, False)
    assert container.ticks_elapsed() == 4
    facade.apply(
        Observation(19, 0, moves=tuple((i, 0) for i in (1, 2, 3)), suspended=(1,), free=((1, 8, 32),))
    )
    assert (pool.suspending_containers, pool.suspended_containers) == ([], [container])
    assert container.is_suspended()
    assert [STATES.index(op.state()) for op in assignment.ops] == [COMPLETED, 0, 0, 0]


def test_containers_know_their_pipelines() -> None:
    """Mixed containers have no single pipeline."""
    facade = mirror()
    _, (one, two) = facade.apply(Observation(0, 0, (arrival("a"), arrival("b"))))
    assignment = Assignment([*one.values, *two.values], 1, 1, Priority.QUERY, 0, "a")
    facade.answered(0, [assignment], [Order((0, 1), 1, 1, 0, "a")])
    facade.apply(Observation(1, 0, started=((1, 0),)))
    (container,) = facade.executor.pools[0].active_containers
    assert container.get_pipeline_id() == "multiple_pipelines"
    assert [op.evo_number for op in two.values] == [1]


def test_memory_comes_from_the_engine() -> None:
    """Pools, containers and the executor read one answer; a container that ended holds nothing."""
    facade, _ = begun()
    watch = facade.clock.evo_watch
    watch.connect(lambda tick: Memory((0.5, 2.25), ((1, 2.25),)))
    pool = facade.executor.pools[1]
    (container,) = pool.active_containers
    assert (pool.consumed_ram_gb, pool.get_consumed_ram_gb(), container.get_current_memory_usage()) == (
        2.25,
        2.25,
        2.25,
    )
    assert facade.executor.get_consumed_ram_gb() == 2.75
    data: dict[str, Any] = pool.to_dict()
    assert data["consumed_ram_gb"] == 2.25
    assert data["active_containers"][0]["current_memory_gb"] == 2.25
    assert (data["max_cpu"], data["max_ram_gb"], data["avail_cpu"], data["avail_ram_gb"]) == (8, 32, 6, 24)
    facade.apply(Observation(12, 0, results=((1, None),)))
    assert container.get_current_memory_usage() == 0.0


def test_a_policy_that_empties_a_live_list_harms_only_itself() -> None:
    """The mirror goes on where the policy changed lists that it should not."""
    facade, _ = begun()
    facade.executor.pools[1].active_containers.clear()
    (result,), _ = facade.apply(Observation(12, 0, results=((1, None),)))
    assert result.container_id == "c1"


def test_containers_are_made_when_somebody_looks() -> None:
    """The list of running containers is the same object ever after, and the same containers stay in it."""
    facade = mirror()
    _, (made,) = facade.apply(Observation(0, 0, (arrival("p", ((),) * 4),)))
    orders = [Order((i,), 1, 1, pool, "p") for i, pool in ((0, 0), (1, 1.0), (2, 0))]
    assignments = [Assignment([op], 1, 1, 1, 0, "p") for op in list(made.values)[:3]]
    facade.answered(0, assignments, orders)
    facade.apply(Observation(1, 0, started=((1, 0), (2, 2), (3, 1))))
    first, second = facade.executor.pools
    live = first.active_containers
    assert [c.container_id for c in live] == ["c1", "c2"]
    assert [c.container_id for c in second.active_containers] == ["c3"]
    one, two = live
    facade.answered(4, assignments[:1], orders[:1])
    facade.apply(Observation(5, 0, results=((1, None),), started=((4, 0),)))
    assert first.active_containers is live
    assert live[0] is two
    assert [c.ticks_elapsed() for c in (one, *live)] == [5, 5, 1]


def test_a_container_that_nobody_saw_ends_all_the_same() -> None:
    """What the pool counts and the result do not depend on whether anybody looked."""
    facade, assignment = begun()
    (result,), _ = facade.apply(Observation(12, 0, results=((1, "OOM"),)))
    pool = facade.executor.pools[1]
    assert (result.container_id, result.pool_id, result.ops) == ("c1", 1, assignment.ops)
    assert (pool.active_containers, pool.container_tick_times, pool.num_completed) == ([], [7], 0)


def test_a_suspension_that_nobody_saw_begin() -> None:
    """A container that is looked at late knows how long it ran, and stands in the right list."""
    facade, _ = begun(ram=20)
    facade.answered(8)
    facade.apply(Observation(9, 0, suspendable=((1, True),)))
    facade.answered(9)
    facade.apply(Observation(10, 9, suspending=(1,)))
    pool = facade.executor.pools[1]
    (container,) = pool.suspending_containers
    assert pool.active_containers == []
    assert (container.ticks_elapsed(), container.suspend_ticks, container.pool) == (4, 10, pool)
    assert container.can_suspend_container()


def test_a_policy_that_puts_its_own_list_in_place_keeps_it() -> None:
    """What it stored itself is what it finds, and what starts from then on is added to it."""
    facade, assignment = begun()
    pool = facade.executor.pools[1]
    mine: list[Container] = []
    pool.active_containers = mine
    facade.answered(6, [assignment], [Order((0,), 1, 1, 1, "p")])
    facade.apply(Observation(7, 0, started=((2, 0),)))
    assert pool.active_containers is mine
    assert [c.container_id for c in mine] == ["c2"]
    facade.apply(Observation(8, 0, results=((1, None), (2, None))))
    assert mine == []


def test_all_that_runs_is_part_of_what_the_policy_keeps() -> None:
    """Assignments that only a container holds count as kept, whether or not anybody saw the container."""
    facade, assignment = begun()
    assert facade.kept() == [assignment]
    (container,) = facade.executor.pools[1].active_containers
    assert facade.kept() == [container, assignment]
    facade.apply(Observation(12, 0, results=((1, None),)))
    assert facade.kept() == []
