# Holds batch work back while anything more urgent waits.
def _urgent(p): return p.priority != Priority.BATCH_PIPELINE

@register_scheduler_init(key='waits-for-room')
def init(s): s.lanes = ([], [])

@register_scheduler(key='waits-for-room')
def schedule(s, results, pipelines):
    for p in pipelines: s.lanes[not _urgent(p)].append(p)
    out = []; held = any(not p.runtime_status().is_pipeline_successful() for p in s.lanes[0])
    for pool in s.executor.pools:
        cpu = pool.avail_cpu_pool; ram = pool.avail_ram_pool
        for lane, reserve in zip(s.lanes, (0, 120 if held else 0)):
            for p in lane:
                for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True):
                    if cpu < 4 or ram < 60 + reserve: break
                    cpu -= 4; ram -= 60
                    out += [Assignment([op], 4, 60, p.priority, pool.pool_id, p.pipeline_id)]
    return [], out
