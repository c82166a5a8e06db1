"""Habits of several statements."""

from __future__ import annotations

import textwrap

from tests.simulator.habits import Habit


def _table(text: str) -> list[Habit]:
    """Habits from blocks of up to four parts: `step`, `seen`, `init` and `module`, set apart by lines of `--`."""
    habits = []
    for block in textwrap.dedent(text).strip().split("\n\n"):
        step, seen, init, module = [*(part.strip() for part in block.split("\n--\n")), "", "", ""][:4]
        habits.append(Habit(step, init or "pass", module, seen or "0"))
    return habits


LONG = _table(
    """
    try:
        s.p1.pop()
    except IndexError:
        s.p1.extend([1, 2, 3])
    --
    len(s.p1)
    --
    s.p1 = []

    try:
        s.p2.index(9)
    except ValueError as error:
        s.p2.append(1)
    else:
        s.p2.clear()
    finally:
        s.p2.append(0)
    --
    len(s.p2)
    --
    s.p2 = []

    while len(s.p3) % 4 != 3 or not s.p3[-1]:
        s.p3.append(1)
    s.p3.append(0)
    --
    len(s.p3)
    --
    s.p3 = []

    while s.p4 and (job := s.p4.pop()) > 1990:
        pass
    --
    len(s.p4)
    --
    s.p4 = list(range(2000))

    def inner(k=1):
        nonlocal_box.append(k)
        return inner2() if k else 0
    def inner2():
        return inner(0)
    nonlocal_box = s.p5
    inner()
    --
    len(s.p5)
    --
    s.p5 = []

    n = s.p6
    def add():
        nonlocal n
        n += 1
    add()
    s.p6 = n
    --
    s.p6
    --
    s.p6 = 0

    match s.p7:
        case [first, *rest]:
            s.p7 = [*rest, first]
        case _:
            pass
    --
    s.p7
    --
    s.p7 = [1, 2, 3]

    match s.p8:
        case Box(size=size):
            pass
    --
    s.p8.n
    --
    s.p8 = Box()

    for job in s.p9:
        job['age'] += 1
    --
    s.p9
    --
    s.p9 = [{'age': 0}, {'age': 3}]

    for p in s.live:
        s.ages[p] = s.ages.get(p, 0) + 1
    --
    sorted(s.ages.values())
    --
    s.ages = {}

    for p in s.live:
        p.age = getattr(p, 'age', 0) + 1
    --
    [p.age for p in s.live if hasattr(p, 'age')]

    for p in s.live:
        for op in p.values:
            op.marked = not getattr(op, 'marked', False)
    --
    [[getattr(op, 'marked', None) for op in p.values] for p in s.live][-2:]

    s.p10 = [(p, age + 1) for p, age in s.p10 if age < 9] + [(p, 0) for p in pipelines]
    --
    [age for _, age in s.p10]
    --
    s.p10 = []

    with contextlib.suppress(IndexError):
        s.p11.pop()
        s.p11[99]
    --
    len(s.p11)
    --
    s.p11 = list(range(999))

    with entered(s.p12) as q:
        q.append(1)
    --
    len(s.p12)
    --
    s.p12 = []
    --
    @contextlib.contextmanager
    def entered(q):
        q.append(0)
        yield q

    if s.p13:
        del s.p13
        s.p14 = 1
    else:
        pass
    s.p13 = not hasattr(s, 'p13')
    --
    s.p14
    --
    s.p13, s.p14 = True, 0

    again = []
    while s.p15:
        x = s.p15.pop(0)
        again.append(x)
    s.p15 = again if len(again) < 2 else again[1:] + again[:1]
    --
    s.p15
    --
    s.p15 = [1, 2, 3]

    waiting = sorted(s.p16, key=lambda job: -job[0])
    waiting[0][0] -= 1
    --
    s.p16
    --
    s.p16 = [[9], [8]]

    groups = {}
    for job in s.p17:
        groups.setdefault(job[0] % 2, []).append(job)
    for group in groups.values():
        group[0][0] += 1
    --
    s.p17
    --
    s.p17 = [[1], [2], [3]]

    k = len(results)
    for _ in range(k + 1):
        s.p18[_ % 2], k = k, s.p18[_ % 2] + 1
    --
    s.p18
    --
    s.p18 = [0, 0]

    for c in s.executor.pools[0].active_containers:
        c.seen = getattr(c, 'seen', 0) + 1
        s.p19 = c.seen
    --
    s.p19
    --
    s.p19 = 0

    for c in s.executor.pools[0].active_containers:
        c.assignment.calls = getattr(c.assignment, 'calls', 0) + 1
        s.p20 = c.assignment.calls
    --
    s.p20
    --
    s.p20 = 0
    """
)
"""Longer ones."""
