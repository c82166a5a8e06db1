from eudoxia.utils import Priority


def share(priority):
    match priority:
        case Priority.QUERY:
            return 8
        case Priority.INTERACTIVE:
            return 4
        case _:
            return 2


@register_scheduler_init(key="match-statement")
def init(s):
    s.todo = []


@register_scheduler(key="match-statement")
def schedule(s, results, pipelines):
    for result in results:
        match (result.failed(), result.error):
            case (True, "OOM"):
                s.todo.append(None)
            case (False, None):
                pass
    s.todo = [p for p in s.todo if p is not None] + list(pipelines)
    chosen = []
    for pool in s.executor.pools:
        free = {"cpu": pool.avail_cpu_pool, "ram": pool.avail_ram_pool}
        for p in sorted(s.todo, key=lambda p: -share(p.priority)):
            for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True):
                cpu = share(p.priority)
                match free:
                    case {"cpu": c, "ram": r} if c >= cpu and r >= 60:
                        free = {"cpu": c - cpu, "ram": r - 60}
                        chosen.append(Assignment([op], cpu, 60, p.priority, pool.pool_id, p.pipeline_id))
    return [], chosen
