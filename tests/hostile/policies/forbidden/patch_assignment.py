# Changes how actions are made.
Assignment.__init__ = lambda self, *a, **k: self.__dict__.update(ops=a[0], cpu=1, ram=1, pool_id=0, priority=a[3], pipeline_id='x')


@register_scheduler_init(key="patch-assignment")
def init(s):
    s.waiting = []


@register_scheduler(key="patch-assignment")
def schedule(s, results, pipelines):
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
