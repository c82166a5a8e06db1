"""Ways in which a policy keeps, changes or reads something from call to call: the words of the policy grammar.

Each is a fragment of source with names of its own, so that any of them may meet in one policy. What it did can be read
off `seen`. Most would be noticed if a call were left out; `STATE` has those of a line or so.
"""

from __future__ import annotations

import textwrap
from typing import NamedTuple


class Habit(NamedTuple):
    """Statements of each call, of the initialisation and of the module, and an expression that shows their trace."""

    step: str
    init: str = "pass"
    module: str = ""
    seen: str = "0"


def _lines(text: str) -> list[Habit]:
    """Habits from lines `step # seen # init # module`, where later parts may be left out; ` | ` is a new line."""
    habits = []
    for line in textwrap.dedent(text).strip().splitlines():
        step, seen, init, module = (*(part.strip() for part in line.split(" # ")), "", "", "")[:4]
        habits.append(Habit(_broken(step), init or "pass", _broken(module), seen or "0"))
    return habits


def _broken(text: str) -> str:
    return text.replace(" | ", "\n")


STATE = _lines(
    """
    s.n1 += 1 # s.n1 # s.n1 = 0
    s.n2 = s.n2 + 1 if s.n2 < 9 else 0 # s.n2 # s.n2 = 0
    s.n3 = min(s.n3 + 1, 5) # s.n3 # s.n3 = 0
    s.n4 = -s.n4 # s.n4 # s.n4 = 0.0
    s.n5 = (s.n5 + 1) / 2 # s.n5 # s.n5 = 0.0
    s.n6 ^= 1 # s.n6 # s.n6 = 0
    s.n7 = True if s.n7 is not True else 1 # s.n7 # s.n7 = 1
    s.n8 = 1.0 if type(s.n8) is int else 1 # s.n8 # s.n8 = 1
    s.y1, s.z1 = s.x1, ([0] if s.y1 is s.x1 else s.x1) # s.z1 is s.x1 # s.x1 = s.y1 = s.z1 = [0]
    s.y2 = s.x2 if s.y2 is not s.x2 else [1] # s.y2 is s.x2 # s.x2 = [1]; s.y2 = [1]
    global G1; G1 = G1 + 1 # G1 #  # G1 = 0
    globals()['G2'] += 1 # G2 #  # G2 = 0
    SHARE[0] += 0.5 # SHARE #  # SHARE = [1.0, 2.0]
    SHARE2 = s.share2; SHARE2[-1] = SHARE2[-1] + 1 # s.share2 # s.share2 = KEPT2 # KEPT2 = [0, 1]
    s.l1.append(len(s.l1) % 3) # s.l1 # s.l1 = []
    s.l2 += [1] # len(s.l2) # s.l2 = []
    s.l3[len(s.l3):] = [1] # len(s.l3) # s.l3 = []
    s.l4.reverse() # s.l4 # s.l4 = [1, 2, 3]
    s.l5.sort(reverse=s.l5[0] < s.l5[-1]) # s.l5 # s.l5 = [1, 2, 3]
    s.l6.insert(0, s.l6.pop()) # s.l6 # s.l6 = [1, 2, 3]
    s.a1, s.b1 = s.b1, s.a1 # s.a1 # s.a1 = [1]; s.b1 = [2]
    s.ab[0], s.ab[1] = s.ab[1], s.ab[0] # s.ab # s.ab = [[1], [2]]
    del s.q1[0] # len(s.q1) # s.q1 = list(range(5000))
    del s.d0['k']; s.d0['k'] = 1; s.d0['j'] = s.d0.pop('j') # list(s.d0) # s.d0 = {'j': 0, 'k': 1, 'l': 2}
    s.d1['n'] = s.d1.get('n', 0) + 1 # s.d1 # s.d1 = {}
    s.d2.update(n=s.d2['n'] + 1) # s.d2 # s.d2 = {'n': 0}
    s.d3 |= {len(s.d3): 1} # len(s.d3) # s.d3 = {}
    s.d4.setdefault(len(s.d4), 0) # len(s.d4) # s.d4 = {}
    s.s1.add(len(s.s1)) # len(s.s1) # s.s1 = set()
    s.s2 |= {len(s.s2)} # len(s.s2) # s.s2 = set()
    s.s3.discard(0); s.s3.add(0); s.s3.discard(8) if len(s.s3) > 1 else s.s3.add(8) # list(s.s3) # s.s3 = {8, 0}
    s.t1 += (1,) # len(s.t1) # s.t1 = ()
    s.w1 += 'x' # len(s.w1) # s.w1 = ''
    s.w2 = s.w2[1:] + s.w2[0] # s.w2 # s.w2 = 'abc'
    s.w3 = f'{s.w3}{len(s.w3)}'[-40:] # s.w3 # s.w3 = ''
    s.b2.append(1) # len(s.b2) # s.b2 = bytearray()
    s.dq1.rotate(1) # list(s.dq1) # s.dq1 = deque([1, 2, 3])
    s.dq2.append(s.dq2[-1] + 1) # list(s.dq2) # s.dq2 = deque([1], maxlen=3)
    s.dq3.appendleft(s.dq3.pop()) # list(s.dq3) # s.dq3 = deque('abc')
    s.c1['a'] += 1 # s.c1['a'] # s.c1 = Counter('aab')
    s.c2.update('ab') # s.c2['b'] # s.c2 = Counter()
    s.od.move_to_end(next(iter(s.od))) # list(s.od) # s.od = OrderedDict(a=1, b=2, c=3)
    s.dd1['k'] += 1 # s.dd1['k'] # s.dd1 = defaultdict(int)
    s.dd2[len(s.dd2)] # len(s.dd2) # s.dd2 = defaultdict(list)
    s.dd3['k'].append(1) # len(s.dd3['k']) # s.dd3 = defaultdict(list)
    itemgetter(len(s.dd4))(s.dd4) # len(s.dd4) # s.dd4 = defaultdict(int)
    '{0[x]}'.format(s.dd5); s.dd5.pop('x'); s.dd5[len(s.dd5)] = 1 # len(s.dd5) # s.dd5 = defaultdict(int)
    heapq.heappush(s.h1, len(s.h1)) # len(s.h1) # s.h1 = []
    heapq.heapreplace(s.h2, s.h2[-1] + 1) # s.h2 # s.h2 = [1, 2, 3]
    bisect.insort(s.h3, len(s.h3)) # len(s.h3) # s.h3 = []
    s.box1.n += 1 # s.box1.n # s.box1 = Box()
    s.box2.__dict__['n'] = s.box2.n + 1 # s.box2.n # s.box2 = Box()
    vars(s.box3)['n'] += 1 # s.box3.n # s.box3 = Box()
    setattr(s.box4, 'n', s.box4.n + 1) # s.box4.n # s.box4 = Box()
    object.__setattr__(s.box5, 'n', s.box5.n + 1) # s.box5.n # s.box5 = Box()
    vars(s)['n9'] += 1 # s.n9 # s.n9 = 0
    s.slot1.n += 1 # s.slot1.n # s.slot1 = Slotted()
    s.data1.n += 1; s.data1.items.append(s.data1.n % 2) # str(s.data1) # s.data1 = Data()
    s.data2 = replace(s.data2, n=s.data2.n + 1) # str(s.data2) # s.data2 = Data()
    s.pair = s.pair._replace(n=s.pair.n + 1) # str(s.pair) # s.pair = Pair(0, [])
    s.pair2.items.append(1) # len(s.pair2.items) # s.pair2 = Pair(0, [])
    Box.made += 1 # Box.made
    type(s.box6).shared.append(1) # len(Box.shared) # s.box6 = Box()
    s.box7.bump() # s.box7.n # s.box7 = Box()
    s.box8.size # s.box8.n # s.box8 = Box()
    s.box9.size = 1 # s.box9.n # s.box9 = Box()
    Box.count() # Box.counted
    Box.note([1]) # len(Box.notes)
    s.box10.get(1) # s.box10.n # s.box10 = Box()
    s.box11.first # s.box11.n # s.box11 = Box()
    s.sub.bump() # s.sub.n # s.sub = Sub()
    s.eq == 1 # s.eq.n # s.eq = Noisy()
    s.lt < s.lt # s.lt.n # s.lt = Noisy()
    sorted([s.lt2, s.lt2]) # s.lt2.n # s.lt2 = Noisy()
    max(s.lt3, s.lt3) # s.lt3.n # s.lt3 = Noisy()
    if s.bool: pass # s.bool.n # s.bool = Noisy()
    str(s.text1) # s.text1.n # s.text1 = Noisy()
    f'{s.text2!r:>3}' # s.text2.n # s.text2 = Noisy()
    '%s' % s.text3 # s.text3.n # s.text3 = Noisy()
    print(s.text4, end='') # s.text4.n # s.text4 = Noisy()
    len(s.len1) # s.len1.n # s.len1 = Noisy()
    1 in s.in1 # s.in1.n # s.in1 = Noisy()
    hash(s.hash1) # s.hash1.n # s.hash1 = Noisy()
    s.add1 + 1 # s.add1.n # s.add1 = Loud()
    s.get1[0] # s.get1.n # s.get1 = Loud()
    s.call1() # s.call1.n # s.call1 = Loud()
    for _ in s.iter1: pass # s.iter1.n # s.iter1 = Loud()
    s.miss1.anything # s.miss1.n # s.miss1 = Loud()
    with s.with1: pass # s.with1.n # s.with1 = Loud()
    '{0.size}'.format(s.box12) # s.box12.n # s.box12 = Box()
    attrgetter('size')(s.box13) # s.box13.n # s.box13 = Box()
    getattr(s.box14, 'size') # s.box14.n # s.box14 = Box()
    hasattr(s.box15, 'size') # s.box15.n # s.box15 = Box()
    list(map(attrgetter('size'), [s.box16])) # s.box16.n # s.box16 = Box()
    methodcaller('append', 1)(s.mc1) # len(s.mc1) # s.mc1 = []
    operator.iadd(s.op1, [1]) # len(s.op1) # s.op1 = []
    functools.reduce(operator.iadd, [[1]], s.op2) # len(s.op2) # s.op2 = []
    list(itertools.accumulate([s.op3, [1]], operator.iadd)) # len(s.op3) # s.op3 = []
    functools.reduce(lambda a, b: a.append(b) or a, [1], s.op4) # len(s.op4) # s.op4 = []
    s.add2(1) # len(s.al2) # s.al2 = []; s.add2 = s.al2.append
    s.add3(1) # len(s.al3) # s.al3 = []; s.add3 = functools.partial(s.al3.append)
    s.add4() # len(s.add4.args[0]) # s.add4 = functools.partial(grow, [])
    s.add5() # len(s.al5) # s.al5 = []; s.add5 = lambda q=s.al5: q.append(1)
    sorted([1], key=s.al6.append) # len(s.al6) # s.al6 = []
    list(map(s.al7.append, [1])) # len(s.al7) # s.al7 = []
    [s.al8.append(x) for x in (1,)] # len(s.al8) # s.al8 = []
    any(s.al9.append(x) for x in (1,)) # len(s.al9) # s.al9 = []
    {x: s.al10.append(x) for x in (1,)} # len(s.al10) # s.al10 = []
    [0 for s.al11 in [s.al11 + 1]] # s.al11 # s.al11 = 0
    (al12 := s.al12).append(1) # len(s.al12) # s.al12 = []
    for s.al13 in range(s.al13 % 50 + 2): pass # s.al13 # s.al13 = 0
    a, *s.al14 = [1, *s.al14[-30:], 2] # len(s.al14) # s.al14 = []
    q = s.al15; q.append(1) # len(s.al15) # s.al15 = []
    q = s.al16 or []; q += [1] # len(s.al16) # s.al16 = [0]
    q = {0: s.al17}; q[0] += [1] # len(s.al17) # s.al17 = []
    [s.al18].pop().append(1) # len(s.al18) # s.al18 = []
    q = [s.al19]; q[0].append(1); q.append(2) # len(s.al19) # s.al19 = []
    for q in (s.al20, []): q.append(1) # len(s.al20) # s.al20 = []
    q, = s.al21,; q.append(1) # len(s.al21) # s.al21 = []
    list.append(s.al22, 1) # len(s.al22) # s.al22 = []
    getattr(s.al23, 'append')(1) # len(s.al23) # s.al23 = []
    {'f': s.al24.append}['f'](1) # len(s.al24) # s.al24 = []
    max([s.al25], key=len).append(1) # len(s.al25) # s.al25 = []
    (s.al26 if s else []).append(1) # len(s.al26) # s.al26 = []
    sum([[1]], s.al27).append(2); s.al27.extend(x for x in (1,)) # len(s.al27) # s.al27 = []
    re.sub('a', lambda m: s.al28.append(1) or 'b', 'a') # len(s.al28) # s.al28 = []
    json.dumps(s, default=lambda o: s.al29.append(1)) # len(s.al29) # s.al29 = []
    copy.copy(s.al30).append(1); copy.copy([s.al30])[0].append(1) # len(s.al30) # s.al30 = []
    random.Random(len(s.al31)).shuffle(s.al31) # s.al31 # s.al31 = [1, 2, 3, 4]
    keep(s.al32) # len(s.al32) # s.al32 = []
    keep(q=s.al33) # len(s.al33) # s.al33 = []
    keep(*[s.al34]) # len(s.al34) # s.al34 = []
    pick(s.al35, []).append(1) # len(s.al35) # s.al35 = []
    fill(s.al36, 2) # len(s.al36) # s.al36 = []
    tally() # len(tally.__defaults__[0])
    s.count1() # s.count1() # s.count1 = counter()
    s.count2() # s.count2() # s.count2 = lister()
    told() # told.calls
    cached(len(results) + len(s.al37)); s.al37.append(1) # len(CACHED) # s.al37 = []
    fresh_cache.cache_clear(); fresh_cache(1) # len(CACHED)
    next(s.it1) # next(s.it1) # s.it1 = itertools.count()
    next(s.it2) # next(s.it2) # s.it2 = itertools.cycle([1, 2, 3])
    next(s.it3, 0) # next(s.it3, 0) # s.it3 = iter(range(3000))
    next(s.it4) # next(s.it4) # s.it4 = numbers()
    for n in s.it5: break # next(s.it5) # s.it5 = numbers()
    3 in s.it6 # next(s.it6, 0) # s.it6 = (n for n in range(400))
    s.it7.send(None) # next(s.it7) # s.it7 = numbers()
    next(s.it8, 0) # next(s.it8, 0) # s.it8 = enumerate('abcdefghij')
    next(s.it9, 0) # len(s.al38) # s.al38 = []; s.it9 = map(s.al38.append, range(2000))
    next(s.it10[0], 0) # next(s.it10[0], 0) # s.it10 = [reversed(range(2000))]
    dict(zip([1], s.it11)) # next(s.it11) # s.it11 = itertools.count(5)
    s.ids1 = next(TICKET) # s.ids1 # s.ids1 = 0 # TICKET = itertools.count(1)
    s.text5.write('x') # len(s.text5.getvalue()) # s.text5 = io.StringIO()
    print('x', file=s.text6, end='') # len(s.text6.getvalue()) # s.text6 = io.StringIO()
    s.chain.maps[0]['n'] += 1 # s.chain['n'] # s.chain = ChainMap({'n': 0})
    s.user.append(1) # len(s.user) # s.user = UserList()
    s.time1 += timedelta(1) # s.time1.days # s.time1 = timedelta(0)
    s.frac1 += Fraction(1, 3) # str(s.frac1) # s.frac1 = Fraction(0)
    s.rng1.random() # s.rng1.random() # s.rng1 = random.Random(7)
    s.al39 = s.draw() # s.draw() # s.draw = random.Random(3).random
    random.random() # random.random() # random.seed(5)
    random.shuffle(s.al40) # s.al40 # random.seed(6); s.al40 = [1, 2, 3, 4, 5]
    s.rng2.integers(9) # int(s.rng2.integers(99)) # s.rng2 = np.random.default_rng(2)
    np.random.rand() # round(np.random.rand(), 6) # np.random.seed(4)
    s.arr1[0] += 1 # s.arr1.tolist() # s.arr1 = np.zeros(2)
    s.arr2 += 1 # s.arr2.tolist() # s.arr2 = np.zeros(2)
    s.arr3[1:] *= -1 # s.arr3.tolist() # s.arr3 = np.ones(3)
    np.add(s.arr4, 1, out=s.arr4) # s.arr4.tolist() # s.arr4 = np.zeros(2)
    v = s.arr5[:1]; v += 1 # s.arr5.tolist() # s.arr5 = np.zeros(2)
    s.arr6 = np.roll(s.arr6, 1) # s.arr6.tolist() # s.arr6 = np.arange(3)
    s.log.append(len(s.log)) if not results else s.log.clear() # s.log # s.log = []
    step.calls = getattr(step, 'calls', 0) + 1 # getattr(step, 'calls', 0)
    s.params['calls'] = s.params.get('calls', 0) + 1 # s.params.get('calls')
    s.executor.pools[0].calls = getattr(s.executor.pools[0], 'calls', 0) + 1 # getattr(s.executor.pools[0], 'calls', 0)
    s.executor.pools[-1].cost += 1 # s.executor.pools[-1].cost
    s.keep1 = results; s.keep1.append(len(s.keep1)) # s.keep1 # s.keep1 = []
    s.keep2.append(pipelines) # len(s.keep2) # s.keep2 = []
    s.algo_func = rebound(s.algo_func) # len(REBOUND)
    s.error1 = ValueError(*s.error1.args[-8:], 1) # len(s.error1.args) # s.error1 = ValueError()
    Colour.RED.calls = getattr(Colour.RED, 'calls', 0) + 1 # getattr(Colour.RED, 'calls', 0)
    LOGGER.warning('x') # len(LOGGED)
    class Made(Box): Box.made += 1 # Box.made
    s.new1 = type('New', (), {'n': s.new1.n + 1}) # s.new1.n # s.new1 = Box()
    import sys as s_sys; s.al41.append(1) # len(s.al41) # s.al41 = []
    exec('s.al42.append(1)') # len(s.al42) # s.al42 = []
    s.size1 = s.al43.__sizeof__(); s.al43.append(1); s.al43.pop() # s.size1 # s.al43 = []; s.size1 = 0
    Numbered() # NUMBERED
    Fielded() # FIELDED
    step.__doc__ = (step.__doc__ or '') + 'x' # step.__doc__
    step.__name__ = step.__name__ + 'x' # step.__name__
    Box.__doc__ = (Box.__doc__ or '') + 'x' # Box.__doc__
    Box.__name__ = Box.__name__ + 'x' # Box.__name__
    s.box17.__class__ = Sub if type(s.box17) is Box else Box # type(s.box17) is Box # s.box17 = Box()
    rename() # __doc__ #  # __doc__ = '' | def rename(): |     global __doc__ |     __doc__ += 'x'
    bisect.insort([1], 2, key=s.al45.pop) # len(s.al45) # s.al45 = list(range(2000))
    heapq.nlargest(1, [1, 2], s.al46.pop) # len(s.al46) # s.al46 = list(range(2000))
    d = defaultdict(int); d.default_factory = s.draw2; d[3] # s.draw2() # s.draw2 = random.Random(3).random
    d = s.dd6.copy(); d[3] # len(s.al47) # s.al47 = list(range(2000)); s.dd6 = defaultdict(s.al47.pop)
    d = s.dd7|{}; d[3] # len(s.al48) # s.al48 = list(range(2000)); s.dd7 = defaultdict(s.al48.pop)
    s.twice = [next(copy.copy(s.it12)), next(s.it12)] # s.twice # s.it12 = itertools.count(); s.twice = 0
    s.kind = f'{type(s.dd8)} {type(s.it13).__name__} {s.dd8!r}' # s.kind # s.dd8 = defaultdict(int); s.it13 = itertools.count(); s.kind = 0
    days = s.time2.days + 1; s.time2 = None; s.time2 = s.day * days # s.time2.days # s.day = timedelta(1); s.time2 = s.day * 1
    n = 1 + int(repr(s.get2)[20:-1]); s.get2 = None; s.get2 = itemgetter(n) # repr(s.get2) # s.get2 = itemgetter(5)
    s.range1 = range(s.range1.start + 1, 0) # s.range1.start # s.range1 = range(1, 0)
    s.slice1 = slice(-s.slice1.start, 0) # str(s.slice1) # s.slice1 = slice(0.0, 0)
    s.n10 = -s.n10 # str(s.n10) # s.n10 = 0j
    once.kept[0] += 1 # once.kept #  # @functools.lru_cache | def once(): |     return 1 | once.kept = [0]
    for _ in map(functools.partial(next, s.it14), [1]): pass # repr(s.it14) # s.it14 = itertools.count()
    for q in f_star(*[s.al49]): q.append(1) # len(s.al49) # s.al49 = [] # def f_star(*qs): |     yield from qs
    (lambda **more: more['q'].append(1))(q=s.al50) # len(s.al50) # s.al50 = []
    raise_and_catch(s.al51) # len(s.al51) # s.al51 = [] # def raise_and_catch(q): |     try: |         raise ValueError(q) |     except ValueError as error: |         error.args[0].append(1)
    {}.setdefault(0, s.al52).append(1) # len(s.al52) # s.al52 = []
    s.tuple1.n += 1 # s.tuple1.n # s.tuple1 = Bundle(); s.tuple1.n = 0 # class Bundle(tuple): pass
    if hasattr(s.slot2, 'n'): del s.slot2.n | else: s.slot2.n = None # hasattr(s.slot2, 'n') # s.slot2 = Slotted()
    s.flip() # s.flip(False) # s.flip = flipper() # def flipper(): |     n = None |     def flip(change=True): |         nonlocal n |         try: n |         except NameError: |             if change: n = None |             return 0 |         if change: del n |         return 1 |     return flip
    Colour._member_map_['n'] = Colour._member_map_.get('n', 0) + 1 # Colour._member_map_.get('n')
    Pair._field_defaults['n'] = Pair._field_defaults.get('n', 0) + 1 # Pair._field_defaults.get('n')
    Box(s.al44) # len(s.al44) # s.al44 = []
    """
)
"""What a policy keeps for itself: every one of these changes, or may change, in a call without news."""
