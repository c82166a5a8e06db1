"""The cluster's own arithmetic."""

from __future__ import annotations

import pytest

from tests.simulator.scheduling.facade import mirror


def test_a_fresh_cluster() -> None:
    """Before the first tick everything is free, and nothing has been asked of the engine."""
    executor = mirror(num_pools=3, ram_gb_per_pool=10).executor
    assert [pool.pool_id for pool in executor.pools] == [0, 1, 2]
    assert (executor.get_total_ram_gb(), executor.get_allocated_ram_gb()) == (30, 0)
    assert executor.get_consumed_ram_gb() == 0.0
    assert (executor.ticks_per_second, executor.tick_length_secs, executor.cpus_per_pool) == (10, 0.1, 8)
    assert executor.pools[0].i == 0
    assert executor.num_completed() == 0
    assert [hash(pool) for pool in executor.pools] == [0, 1, 2]
    assert repr(executor.pools[2]) == "<ResourcePool 2>"


@pytest.mark.parametrize(("free", "best"), [((1, 5, 5), 1), ((0, 0, 0), 0), ((-1, -2, -1), -1)])
def test_the_roomiest_pool_is_the_first_of_the_largest(free: tuple[int, ...], best: int) -> None:
    """Upstream begins its search at -1."""
    executor = mirror(num_pools=3).executor
    for pool, ram in zip(executor.pools, free, strict=True):
        pool.avail_ram_pool = ram
    assert executor.get_pool_id_with_max_avail_ram() == best


def test_a_scheduler_has_its_parameters_and_what_a_policy_adds() -> None:
    """`s` is a plain object with a clock, an executor and parameters."""
    facade = mirror(my_own=[1])
    scheduler = facade.scheduler
    assert scheduler.params["my_own"] == [1]
    assert scheduler.algo_name == "x"
    assert scheduler.executor is facade.executor
    assert scheduler.clock is facade.clock
    with pytest.raises(RuntimeError, match="no scheduler function"):
        scheduler.algo_func(scheduler, [], [])
