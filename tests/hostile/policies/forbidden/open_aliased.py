# The same under another name.


@register_scheduler_init(key="open-aliased")
def init(s):
    s.waiting = []


@register_scheduler(key="open-aliased")
def schedule(s, results, pipelines):
    f = open
    f('CANARY/aliased', 'w').write('here')
    s.waiting.extend(pipelines)
    assignments = []
    for pool in s.executor.pools:
        cpus, ram = pool.avail_cpu_pool, pool.avail_ram_pool
        for pipeline in s.waiting:
            status = pipeline.runtime_status()
            for op in status.get_ops(ASSIGNABLE_STATES, require_parents_complete=True):
                if cpus >= 4 and ram >= 60:
                    cpus -= 4
                    ram -= 60
                    assignments.append(
                        Assignment([op], 4, 60, pipeline.priority, pool.pool_id, pipeline.pipeline_id)
                    )
    return [], assignments
