"""A policy whose texts speak of os.system, eval(), __import__, open('/etc/passwd') and sys._getframe()."""

NOTES = {
    "eval": "never eval('code')",
    "__class__": "an attribute that nobody reads here",
    "{0.__class__}": "not a format: it is never formatted",
}
# import os; os.system("rm -rf /")


@register_scheduler_init(key="words-in-strings")
def init(s):
    s.open = []  # not the builtin
    s.input = "exec"


@register_scheduler(key="words-in-strings")
def schedule(s, results, pipelines):
    compile_order = list(pipelines)
    s.open.extend(compile_order)
    system = s.executor
    out = []
    for pool in system.pools:
        cpu, ram = pool.avail_cpu_pool, pool.avail_ram_pool
        for p in s.open:
            for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True):
                if cpu >= 4 and ram >= 60:
                    out.append(Assignment([op], 4, 60, p.priority, pool.pool_id, p.pipeline_id))
                    cpu -= 4
                    ram -= 60
    return [], out
