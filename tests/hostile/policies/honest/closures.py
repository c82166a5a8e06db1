def chooser(share):
    """A function that remembers its share."""
    asked = 0

    def choose(pool):
        nonlocal asked
        asked += 1
        return max(1, int(pool.max_cpu_pool * share))

    return choose


@register_scheduler_init(key="closures")
def init(s):
    s.choose = chooser(1 / 16)
    s.waiting = []


@register_scheduler(key="closures")
def schedule(s, results, pipelines):
    if not (results or pipelines):
        return [], []
    s.waiting.extend(pipelines)

    def fits(pool, taken):
        return pool.avail_cpu_pool - taken[0] >= s.choose(pool) and pool.avail_ram_pool - taken[1] >= 60

    done = []
    for pool in s.executor.pools:
        taken = [0, 0]
        for p in s.waiting:
            for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, True):
                if fits(pool, taken):
                    cpu = s.choose(pool)
                    done.append(Assignment([op], cpu, 60, p.priority, pool.pool_id, p.pipeline_id))
                    taken[0] += cpu
                    taken[1] += 60
    return [], done
