from collections import Counter

DEBUG = True


def log(*words, **more):
    if DEBUG:
        print("policy:", *words, **more)


@register_scheduler_init(key="prints-and-counts")
def init(s):
    s.counts = Counter()
    s.waiting = []
    log("ready", s.executor.num_pools, sep=" | ")


@register_scheduler(key="prints-and-counts")
def schedule(s, results, pipelines):
    s.counts.update(str(r.error) for r in results)
    s.counts["arrived"] += len(pipelines)
    if pipelines:
        log(f"{s.clock.now_seconds():.1f}s: {len(pipelines)} new, so far {dict(s.counts)!r:>20}")
        log("{} and {:>5.2f}".format(len(results), 1.5), "%d%%" % 10)
    s.waiting += pipelines
    out = []
    for pool in s.executor.pools:
        free = min(pool.avail_cpu_pool // 4, pool.avail_ram_pool // 60)
        for p in s.waiting:
            for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, True):
                if free > 0:
                    free -= 1
                    out.append(Assignment([op], 4, 60, p.priority, pool.pool_id, p.pipeline_id))
    return [], out
