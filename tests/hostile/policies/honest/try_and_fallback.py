class NoRoom(Exception):
    """There is no pool with so much free."""


def place(pools, cpu, ram):
    for pool in pools:
        if pool["cpu"] >= cpu and pool["ram"] >= ram:
            pool["cpu"] -= cpu
            pool["ram"] -= ram
            return pool["id"]
    raise NoRoom(f"{cpu} CPUs, {ram} GB")


@register_scheduler_init(key="try-and-fallback")
def init(s):
    s.waiting = []


@register_scheduler(key="try-and-fallback")
def schedule(s, results, pipelines):
    s.waiting += pipelines
    pools = [{"id": p.pool_id, "cpu": p.avail_cpu_pool, "ram": p.avail_ram_pool} for p in s.executor.pools]
    out = []
    for p in s.waiting:
        for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True):
            try:
                where = place(pools, 8, 60)
                cpu = 8
            except NoRoom:
                try:
                    where, cpu = place(pools, 1, 60), 1
                except NoRoom as full:
                    assert "GB" in str(full)
                    continue
            else:
                assert where >= 0
            finally:
                pass
            out.append(Assignment([op], cpu, 60, p.priority, where, p.pipeline_id))
    return [], out
