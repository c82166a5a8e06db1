import copy


class Box:
    __slots__ = ("items", "size")

    def __init__(self, size):
        self.items, self.size = [], size

    def __len__(self):
        return len(self.items)

    def __iter__(self):
        return iter(self.items)

    def __bool__(self):
        return True

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        return False


@register_scheduler_init(key="getattr-with-names")
def init(s):
    s.box = Box(1000)
    s.defaults = {"cpu": 4, "ram": 60}


@register_scheduler(key="getattr-with-names")
def schedule(s, results, pipelines):
    if not hasattr(s, "started"):
        setattr(s, "started", True)
    settings = copy.deepcopy(s.defaults)
    with s.box as box:
        box.items += pipelines
    out = []
    for pool in s.executor.pools:
        cpu, ram = getattr(pool, "avail_cpu_pool", 0), getattr(pool, "avail_ram_pool", 0)
        for p in s.box:
            for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True):
                if cpu >= settings["cpu"] and ram >= settings["ram"]:
                    out.append(Assignment([op], **settings, priority=p.priority, pool_id=pool.pool_id, pipeline_id=p.pipeline_id))
                    cpu -= settings["cpu"]
                    ram -= settings["ram"]
    return [], out
