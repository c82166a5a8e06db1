"""Expressions and statements drawn at random, over a policy's state and what shares it: most of them nonsense.

They run inside `try`, in bounded loops, and let nothing grow faster than by a few values in a call.
"""

from __future__ import annotations

from random import Random

ATOMS = (
    *("s.a", "s.d", "s.n", "s.dd", "s.dq", "s.c", "s.job", "x", "y", "z", "k", "q", "LOG", "CONST", "G0"),
    *("s.job.items", "s.job.n", "1", "2", "[1, 2]", "{0: 1}", "(1, 2)", "'ab'", "s.live", "Job.shared", "[]"),
)
NAMES = ("x", "y", "z", "k", "q")
FORMS = (
    *(
        "[E, E]",
        "(E)[0]",
        "(E)[0:2]",
        "list(E)[:9]",
        "sorted(E, key=str)",
        "len(E)",
        "(E or E)",
        "(E if E else E)",
    ),
    *(
        "max(E, E, key=str)",
        "min([E, E], key=lambda t: str(t))",
        "dict.get(E, E)",
        "(E).get(E)",
        "(E).copy()",
    ),
    *(
        "helper(E)",
        "helper(E, E)",
        "helper(k=E, q=E)",
        "[w for w in E]",
        "sum(1 for w in E)",
        "next(iter(E), E)",
    ),
    *("(E).pop()", "s.job.bump()", "s.job.get(E)", "s.job.size", "Job(E)", "Job(E).items", "Job(1).bump()"),
    *(
        "s.fn()",
        "closure(s)()",
        "list(gen(E))",
        "((E) + (E))[:9]",
        "((E) * 2)[:9]",
        "dict(zip(E, E))",
        "set(E)",
    ),
    *("list(map(s.job.get, E))", "sorted(E, key=s.job.bump)", "list(filter(None, E))", "{w: E for w in E}"),
    *("functools.reduce(lambda a, b: a, E)", "getattr(E, 'items', E)", "heapq.nsmallest(1, E, key=str)"),
    *(
        "(x := E)",
        "(lambda w: E)(E)",
        "(lambda w=E: w)()",
        "[*E][:9]",
        "(E in E)",
        "next(s.cnt)",
        "dict(zip(E, s.cnt))",
    ),
    *("s.dd[E]", "list(enumerate(E))", "list(itertools.chain(E, E))[:9]", "(E)[-1]", "E is E", "not E"),
    *("functools.partial(helper, E)()", "copy.copy(E)", "{**E, 0: E}", "(E).items()", "f'{E}'[:9]", "E == E"),
)
STATEMENTS = (
    *(
        "N = E",
        "N = N = E",
        "N, N = E, E",
        "N += list(E)[:3]",
        "N += 1",
        "N *= 1",
        "N[0] = E",
        "N[0] += list(E)[:3]",
    ),
    *(
        "N[0] -= 1",
        "N.append(E)",
        "N.extend(list(E)[:3])",
        "N.update(E)",
        "N.sort(key=str)",
        "N.setdefault(E, E)",
    ),
    *(
        "N.n = E",
        "(E).append(1)",
        "(E)[0] = E",
        "N.pop()",
        "del N[0]",
        "for N in list(E)[:5]: S",
        "E",
        "*N, k = E",
    ),
    *(
        "for N, N in list(E)[:5]: pass",
        "if E: N = E",
        "if E: S",
        "heapq.heappush(N, E)",
        "N[1:] = list(E)[:3]",
    ),
    *("for N in E: break", "N |= E", "N = [E for N in list(E)[:3]]", "N.n += 1", "N.items[0] = E"),
    *("s.n = E", "s.d[0] = E", "s.dq.rotate(1)", "s.a.append(1)", "s.n = len(E)", "s.a = s.a[:20]"),
)

INIT = (
    "s.a = [3, 1, 2]; s.d = {0: [1], 1: [2]}; s.n = 0; s.dd = defaultdict(list); s.dq = deque([1, 2, 3]); "
    "s.c = Counter('abc'); s.job = Job(5); s.fn = closure(s); s.cnt = COUNT; TWIST"
)
TWISTS = (
    *(
        "pass",
        "pass",
        "s.d[2] = s.a",
        "s.job.items = s.a",
        "s.a = s.d[0]",
        "s.job.get = s.a.append",
        "LOG.append(s.a)",
    ),
    *("s.d = s.dd", "s.job.shared = s.a", "s.live = s.a"),
)
SEEN = "digest([s.a, s.d, s.n, s.dd, s.dq, s.c, s.job, G0, LOG, CONST, Job.shared, Job.made], [120])"
MODULE = """
G0 = 0
LOG = []
CONST = [1.0, 2.0]

class Job:
    made = 0
    shared = []
    def __init__(self, n=0):
        self.n = n
        self.items = []
        MADE
    def bump(self, k=1):
        BUMPED
        return self.n
    def get(self, k=None, d=None):
        GOT
        return d
    @property
    def size(self):
        SIZED
        return len(self.items)

def helper(q, k=1, cache=[]):
    x, y, z = [k], {}, 0
    HELPED
    return BACK

def gen(q):
    GENERATED
    yield from list(q)[:3]

def closure(s):
    n = 0
    box = []
    def inner(k=1):
        nonlocal n
        CLOSED
        return n
    return inner

def digest(value, left):
    if left[0] <= 0:
        return '...'
    left[0] -= 1
    if isinstance(value, Job):
        return 'Job' + digest([value.n, value.items], left)
    if isinstance(value, dict):
        return '{' + digest([part for item in value.items() for part in item], left)
    if isinstance(value, (list, tuple, deque)):
        return '[' + ','.join([digest(part, left) for part in list(value)[-9:]]) + ']'
    return repr(value)[:20] if isinstance(value, (int, float, str, bytes, type(None))) else type(value).__name__
"""
CHOICES = {
    "MADE": ("pass", "pass", "pass", "Job.made += 1", "self.shared.append(1)", "self.items.append(n)"),
    "BUMPED": ("pass", "pass", "self.n += k", "self.items.append(k)", "Job.made += 1"),
    "GOT": ("pass", "pass", "pass", "self.n += 1", "self.items.append(k)"),
    "SIZED": ("pass", "pass", "pass", "self.n += 1", "x = self.items; x.append(1)"),
    "GENERATED": ("pass", "pass", "pass", "LOG.append(1)", "q.append(1)"),
    "CLOSED": ("pass", "pass", "box.append(k)", "x = box; x += [1]", "global LOG; LOG = LOG + [1]", "n += 1"),
    "BACK": ("x", "q", "k", "[q]", "x[0]", "x + [k]", "cache", "(q or x)", "[q, x]", "k"),
    "COUNT": ("itertools.count()", "iter(())", "iter([])", "itertools.count(1)"),
    "TWIST": TWISTS,
}


def expression(random: Random, depth: int = 0) -> str:
    """An expression over `ATOMS`."""
    if depth > 2 or random.random() < 0.3:
        return random.choice(ATOMS)
    return _filled(random.choice(FORMS), random, depth + 1)


def statement(random: Random, depth: int = 0) -> str:
    """A statement on one line."""
    return _filled(random.choice(STATEMENTS), random, depth + 1)


def guarded(random: Random) -> str:
    """A statement that may fail."""
    return f"try:\n    {statement(random)}\nexcept Exception: pass"


def _filled(form: str, random: Random, depth: int) -> str:
    """A form with its letters E, N and S replaced."""
    words: list[str] = []
    for place, letter in enumerate(form):
        around = form[max(place - 1, 0) : place], form[place + 1 : place + 2]
        alone = letter in "ENS" and not any(near.isalnum() for near in around)
        if alone and letter == "E":
            words.append(expression(random, depth))
        elif alone and letter == "N":
            words.append(random.choice(NAMES))
        elif alone:
            words.append(statement(random, depth) if depth < 2 else "pass")
        else:
            words.append(letter)
    return "".join(words)
