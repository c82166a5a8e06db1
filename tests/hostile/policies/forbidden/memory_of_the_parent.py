# Reads another process.


@register_scheduler_init(key="memory-of-the-parent")
def init(s):
    s.waiting = []


@register_scheduler(key="memory-of-the-parent")
def schedule(s, results, pipelines):
    with open(f'/proc/{__import__("os").getppid()}/mem', 'rb') as memory:
        print(memory.read(10))
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
