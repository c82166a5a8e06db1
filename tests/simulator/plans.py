"""How the policies of the grammar take pipelines in, decide, and go wrong; `SEEN` is what they have kept."""

from __future__ import annotations

import textwrap


def _blocks(text: str) -> list[str]:
    return textwrap.dedent(text).strip().split("\n\n")


SIGNATURES = [
    block.replace("~", "\n")
    for block in _blocks("""
    @register_scheduler(key='x')~def step(s, results, pipelines):~STEP

    @register_scheduler(key='x')~def step(s, results, pipelines, calls=[0]):~    calls[0] += 1~STEP

    @register_scheduler(key='x')~def step(s, results, pipelines, calls=[0]):~STEP

    @register_scheduler(key='x')~def step(s, results, pipelines, *rest, **more):~STEP

    @register_scheduler(key='x')~@telling~def step(s, results, pipelines):~STEP

    @telling~@register_scheduler(key='x')~def step(s, results, pipelines):~STEP

    def act(s, results, pipelines):~STEP~@register_scheduler(key='x')~def step(s, results, pipelines):~    if not results and not pipelines:~        return [], []~    return act(s, results, pipelines)

    def act(s, results, pipelines):~STEP~@register_scheduler(key='x')~def step(s, results, pipelines):~    return ([], []) if not results and not pipelines else act(s, results, pipelines)

    def act(s, results, pipelines):~STEP~@register_scheduler(key='x')~def step(s, results, pipelines):~    if not results and not pipelines:~        return act(s, results, pipelines)~    return [], []

    def act(s, results, pipelines):~STEP~step = register_scheduler(key='x')(lambda s, results, pipelines: act(s, results, pipelines))

    def act(s, results, pipelines):~STEP~step = register_scheduler(key='x')(lambda *args: act(*args) if args[1] or args[2] else ([], []))

    def act(s, results, pipelines):~STEP~step = register_scheduler(key='x')(functools.partial(act))

    def make():~    calls = []~    def step(s, results, pipelines):~        calls.append(1)~        if not results and not pipelines:~            return [], []~        return act(s, results, pipelines)~    return step~def act(s, results, pipelines):~STEP~step = register_scheduler(key='x')(make())

    class Policy:~    calls = 0~    def step(self, s, results, pipelines):~        return act(s, results, pipelines)~def act(s, results, pipelines):~STEP~step = register_scheduler(key='x')(Policy().step)

    class Policy:~    calls = 0~    def __call__(self, s, results, pipelines):~        return act(s, results, pipelines)~def act(s, results, pipelines):~STEP~step = register_scheduler(key='x')(Policy())

    def step(s, results, pipelines):~STEP~kept_step = step~@register_scheduler(key='x')~def step(s, pipelines, results):~    return kept_step(s, pipelines, results)

    @register_scheduler(key='x')~def step(s, pipelines, results):~    if not results and not pipelines:~        return [], []~    results, pipelines = pipelines, results~STEP

    @register_scheduler(key='x')~def step(scheduler, results, pipelines):~    s = scheduler~STEP

    @register_scheduler(key='x')~def step(s, results=(), pipelines=()):~    '''Decides.'''~STEP

    @register_scheduler(key='x')~def step(s, results, pipelines):~STEP~    yield 1
    """)
]
"""How the function of each call is defined; the plain way first."""

TAKING = _blocks("""
    if pipelines: s.live.extend(pipelines)

    s.live.extend(pipelines)

    s.live += pipelines

    for p in pipelines: s.live.append(p)

    s.live = [p for p in s.live if not p.runtime_status().is_pipeline_successful()] + pipelines

    s.live = s.live + pipelines

    if pipelines: s.live = [*s.live, *pipelines]

    while pipelines: s.live.append(pipelines.pop(0))

    for r in results:
        if r.failed():
            for op in r.ops:
                s.retry[op] = r.ram * 2
    s.live.extend(pipelines)

    if results or pipelines:
        s.live = sorted([*s.live, *pipelines], key=lambda p: p.priority.value)
""")

SPOILERS = _blocks("""
    if len(s.live) > NUMBER: raise ValueError(str(SEEN)[-80:])

    if len(s.live) > NUMBER and not results and not pipelines: raise KeyError(str(SEEN)[-80:])

    if score(SEEN) % 13 == NUMBER: 1 / 0

    if s.executor.num_completed() >= NUMBER: assert not results, str(SEEN)[-80:]

    if len(s.live) > NUMBER and not results and not pipelines: return None

    if len(s.live) > NUMBER: return [], [], []

    if len(s.live) > NUMBER and not results: return (x for x in []), []

    if len(s.live) > NUMBER and not results and not pipelines: return [], 0

    if s.executor.num_completed() > NUMBER and not results: return [Suspend('c1', 0)], []

    if s.executor.num_completed() > NUMBER and not results: return 'ab', []

    if len(s.live) > NUMBER and not results and not pipelines: return {}, {}

    if len(s.live) > NUMBER and not results and not pipelines: return [], {1: 2}

    if len(s.live) > NUMBER and s.live[0].runtime_status().has_timed_out(): return [], [1]

    if len(s.live) > NUMBER and not results and not pipelines: return '', b''

    if len(s.live) > NUMBER: s.live.pop().runtime_status().transition(1, 2)
""")
"""What a policy may do wrong, some of it only in a call without news."""

PLANS = _blocks("""
    out = []
    for pool in s.executor.pools:
        cpus, ram = pool.avail_cpu_pool, pool.avail_ram_pool
        for p in s.live:
            for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True):
                give, want = 1 + EXTRA, s.retry.get(op, 4 + EXTRA)
                if give <= cpus and want <= ram:
                    cpus -= give
                    ram -= want
                    out.append(Assignment([op], give, want, p.priority, pool.pool_id, str(SEEN)[-80:]))
    return [], out

    out = []
    give = 1 + score(SEEN) % 3
    for pool in s.executor.pools:
        cpus, ram = pool.avail_cpu_pool, pool.avail_ram_pool
        for p in s.live:
            ops = p.runtime_status().get_ops(ASSIGNABLE_STATES)[:1 + EXTRA * pool.multi_operator_containers]
            if ops and give <= cpus and ram >= 9:
                cpus -= give
                ram -= 9
                out.append(Assignment(ops, give, 9, p.priority, pool.pool_id, str(SEEN)[-80:]))
    return [], out

    out = []
    s.queue.extend(op for p in pipelines for op in p.values)
    pool = s.executor.pools[EXTRA % len(s.executor.pools)]
    for _ in range(len(s.queue)):
        op = s.queue.popleft()
        if op.state() in ASSIGNABLE_STATES and all(q.state().value == 'completed' for q in op.parents):
            if len(out) + 1 <= pool.avail_cpu_pool and 8 * (len(out) + 1) <= pool.avail_ram_pool:
                out.append(Assignment([op], 1, 8, op.pipeline.priority, pool.pool_id, str(SEEN)[-80:]))
                continue
        s.queue.append(op)
    return [], out

    out = []
    s.due.extend([op, NUMBER] for p in pipelines for op in p.values)
    for job in s.due:
        job[1] -= 1
    for op, left in s.due:
        pool = s.executor.pools[0]
        if left <= 0 and not out and op.state() in ASSIGNABLE_STATES and pool.avail_cpu_pool >= 1 and pool.avail_ram_pool >= 7:
            if not [q for q in op.parents if q.state() is not OperatorState.COMPLETED]:
                out.append(Assignment([op], 1, 7, op.pipeline.priority, 0, str(SEEN)[-80:]))
    s.due = [job for job in s.due if job[0].state() is not OperatorState.COMPLETED]
    return [], out

    out = []
    for p in s.live:
        for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, True):
            pool = max(s.executor.pools, key=lambda pool: pool.avail_ram_pool)
            waited = s.clock.now_ticks() - p.runtime_status().arrival_tick
            if not out and waited >= NUMBER and pool.avail_cpu_pool >= 1 and pool.avail_ram_pool >= 6:
                out.append(Assignment([op], 1, 6, p.priority, pool.pool_id, str(SEEN)[-80:]))
    return [], out

    out, s.held = s.held, []
    for p in s.live:
        for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, True)[:EXTRA + 1]:
            s.held.append(Assignment([op], 1, 5, p.priority, 0, str(SEEN)[-80:]))
    return [], out

    out = []
    ready = [op for p in s.live for op in p.runtime_status().get_ops({OperatorState.PENDING}, True)]
    if len(ready) > EXTRA:
        pool = s.executor.pools[-1]
        if pool.avail_cpu_pool >= 2 and pool.avail_ram_pool >= 10:
            many = 4 if pool.multi_operator_containers else 1
            out = [Assignment(ready[:many], 2, pool.avail_ram_pool / 2, ready[0].pipeline.priority, pool.pool_id, str(SEEN)[-80:])]
    return [], out

    if s.live and len(s.live) > EXTRA:
        p = s.live[-1]
        ops = list(p.values)
        if all(op.state().value in ('pending', 'failed') for op in ops):
            out = (Assignment(list(dict.fromkeys(ops)), 1.5, 8.5, p.priority, EXTRA, str(SEEN)[-80:]),)
            return [], out
    out = []
    return [], out

    out = []
    for pool in s.executor.pools:
        cpus, ram = pool.avail_cpu_pool, pool.avail_ram_pool
        for p in s.live:
            ops = list(dict.fromkeys(p.values))
            if s.executor.num_pools < 9 and all(op.state() in ASSIGNABLE_STATES for op in ops) and cpus >= 2 and ram >= 12:
                cpus -= 2
                ram -= 12
                chosen = ops if pool.multi_operator_containers else ops[:1]
                out.append(Assignment(chosen, 2, 12, p.priority, pool.pool_id, str(SEEN)[-80:]))
        for p in s.live:
            ops = p.runtime_status().get_ops(ASSIGNABLE_STATES, True)
            if ops and EXTRA and cpus >= 1 and ram >= 12:
                cpus -= 1
                ram -= 12
                out.append(Assignment(ops[:1], 1, 12, p.priority, pool.pool_id, str(SEEN)[-80:]))
    return [], out

    out = [] if results or pipelines else [Assignment([op], 1, 4, op.pipeline.priority, 0, str(SEEN)[-80:]) for p in s.live for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, True)[:1] if s.executor.pools[0].avail_cpu_pool >= 1 + EXTRA and s.executor.pools[0].avail_ram_pool >= 4][:1]
    return [], out
""")
"""What is started when, and what it is called."""

ENDS = _blocks("""
    [], out

    [], out or [Assignment([op], 1, 1, 1, 99, str(SEEN)[-80:]) for p in pipelines[-1:] for op in list(p.values)[-1:] if op.state() in ASSIGNABLE_STATES]

    [Suspend(c.container_id, p.pool_id) for p in s.executor.pools for c in p.active_containers if c.can_suspend_container()], out
""")
"""What is returned; an assignment to a pool that does not exist starts nothing, but tells what was kept."""
