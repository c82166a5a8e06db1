from typing import Any, Callable, Dict, List, Tuple

Rank = Callable[[Any], Tuple[int, int]]
BY: Dict[str, Rank] = {
    "class": lambda p: (p.priority.value, len(p.values)),
    "size": lambda p: (len(p.values), p.priority.value),
}


def busiest(s) -> List[Any]:
    return sorted(s.executor.pools, key=lambda pool: (-len(pool.active_containers), pool.pool_id))


@register_scheduler_init(key="two-keys-of-rank")
def init(s) -> None:
    s.rank = BY["class" if s.executor.num_pools >= 1 else "size"]
    s.waiting: List[Any] = []


@register_scheduler(key="two-keys-of-rank")
def schedule(s, results: List["ExecutionResult"], pipelines: List["Pipeline"]) -> Tuple[List["Suspend"], List["Assignment"]]:
    s.waiting = sorted([*s.waiting, *pipelines], key=s.rank)
    out: List[Assignment] = []
    for pool in busiest(s):
        used_cpu = used_ram = 0
        for p in s.waiting:
            for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True):
                cpu = 8 if p.priority is Priority.QUERY else 2
                if used_cpu + cpu <= pool.avail_cpu_pool and used_ram + 60 <= pool.avail_ram_pool:
                    used_cpu += cpu
                    used_ram += 60
                    out.append(Assignment([op], cpu, 60, p.priority, pool.pool_id, p.pipeline_id))
    return [], out
