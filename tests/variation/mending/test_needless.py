"""Tests of what goes: code that only tells or measures, what nothing calls or reads; and of what must stay refused."""

from __future__ import annotations

import pytest

from tests.variation.mending.samples import END, GOOD, HELPER, INIT, LOOP, SCHEDULER, tried, with_line

MAIN = '\n\nif __name__ == "__main__":\n    import sys\n    sys.exit(main())\n'
LOGGED = """\
    try:
        with open("log.csv", "a") as log_file:
            writer = csv.writer(log_file)
            for pipeline in pipelines:
                writer.writerow([pipeline.pipeline_id, len(s.queue)])
    except OSError:
        pass
"""

MENDED = {
    "an import that nothing uses": (f"import os\nimport math\n{GOOD}", f"import math\n{GOOD}"),
    "one of several": (f"import math, os, random as r\n{GOOD}", f"import math, random as r\n{GOOD}"),
    "several of several": (
        f"from typing import List\nimport glob, os\nfrom pandas import DataFrame\n{GOOD}",
        f"from typing import List\n{GOOD}",
    ),
    "in the scheduler": (with_line("import os"), GOOD),
    "tried and never used": (f"try:\n    import numba\nexcept ImportError:\n    numba = None\n{GOOD}", f"numba = None\n{GOOD}"),
    "Eudoxia's names from a wrong place": (
        f"from eudoxia.scheduler.registry import register_scheduler, register_scheduler_init\n{GOOD}",
        GOOD,
    ),
    "from beside it": (f"from .decorators import register_scheduler_init\n{GOOD}", GOOD),
    "from a guess": (f"from decorators import *\nfrom core import Assignment, Suspend\n{GOOD}", GOOD),
    "by another name": (
        "from eudoxia.core import OperatorState as State, Priority\n"
        + with_line("s.busy = State.RUNNING, Priority.QUERY"),
        "from eudoxia.workload import OperatorState as State\n"
        + with_line("s.busy = State.RUNNING, Priority.QUERY"),
    ),
    "words for types from elsewhere": (
        "from typing_extensions import TypedDict, List\n" + GOOD,
        "from typing import TypedDict\n" + GOOD,
    ),
    "only in annotations": (
        "import pandas as pd\n"
        + GOOD.replace("(pool, ram):", "(pool, ram: pd.Series | None = None) -> pd.Series:"),
        GOOD.replace("(pool, ram):", "(pool, ram: object = None) -> object:"),
    ),
    "for type checkers": (
        f"from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from eudoxia.core import Cluster\n\n{GOOD}",
        f"from typing import TYPE_CHECKING\n\n\n{GOOD}",
    ),
    "a fallback": (
        "try:\n    import numba\n    FAST = True\nexcept ImportError:\n    FAST = False\n\n"
        + with_line("if FAST:\n    s.queue.reverse()"),
        "FAST = False\n\n" + with_line("if FAST:\n    s.queue.reverse()"),
    ),
    "a fallback within": (
        with_line("try:\n    from sortedcontainers import SortedList\nexcept Exception:\n    SortedList = sorted\n"
        "    s.slow = True\ns.queue = SortedList(s.queue, key=id)"),
        with_line("SortedList = sorted\ns.slow = True\ns.queue = SortedList(s.queue, key=id)"),
    ),
    "a measurement that is deleted": (
        "import time\n" + with_line("begun = time.time()\nprint(begun)\ndel begun"),
        GOOD,
    ),
    "a date and what passed since": (
        "from datetime import datetime\n"
        + with_line(
            "print((datetime.now() - begun).total_seconds())", END, with_line("begun = datetime.now()")
        ),
        GOOD,
    ),
    "a measurement": (
        "import time\n"
        + with_line(
            'took = time.perf_counter() - begun\nprint(f"took {took:.3f} s, {len(assignments)}")',
            END,
            with_line("begun = time.perf_counter()"),
        ),
        GOOD,
    ),
    "a measurement that is kept": (
        "import time\n"
        + with_line(
            "s.spent += time.time() - start", END, with_line("start = time.time()")
        ).replace("    s.ram = {}\n", "    s.ram = {}\n    s.spent = 0.0\n"),
        GOOD.replace("    s.ram = {}\n", "    s.ram = {}\n    s.spent = 0.0\n"),
    ),
    "said if it was slow": (
        "from time import time\n"
        + with_line('if time() - start > 1:\n    print("slow")', END, with_line("start = time()")),
        GOOD,
    ),
    "a date in the log": (
        "import datetime\nimport logging\nlogger = logging.getLogger(__name__)\n"
        + with_line('logger.info("%s: %d", datetime.datetime.now().isoformat(), len(s.queue))'),
        f"import datetime\nimport logging\nlogger = logging.getLogger(__name__)\n{GOOD}",
    ),
    "logging set up": (
        'import logging\nlogging.basicConfig(filename="policy.log", level=logging.INFO)\n' + GOOD,
        f"import logging\n{GOOD}",
    ),
    "a file for the log": (
        'import logging\nlogger = logging.getLogger("fit")\nhandler = logging.FileHandler("fit.log")\n'
        "handler.setFormatter(logging.Formatter())\nlogger.addHandler(handler)\n" + GOOD,
        f'import logging\nlogger = logging.getLogger("fit")\n{GOOD}',
    ),
    "printed to a file": (with_line('print(len(s.queue), file=open("log.txt", "a"))'), GOOD),
    "a protocol": (
        "import csv\n" + GOOD.replace(LOOP, LOGGED + LOOP),
        GOOD,
    ),
    "all there is of a function": (
        INIT + 'def note(text):\n    with open("log", "a") as f:\n        f.write(text)\n\n\n' + HELPER
        + with_line('note("called")', LOOP, SCHEDULER),
        INIT + "def note(text):\n    pass\n\n\n" + HELPER + with_line('note("called")', LOOP, SCHEDULER),
    ),
    "another library's logger": (
        "from loguru import logger\n" + with_line('logger.info(f"{len(s.queue)} waiting")'),
        GOOD,
    ),
    "a deeper stack": (f"import sys\nsys.setrecursionlimit(10_000)\n{GOOD}", f"import sys\n{GOOD}"),
    "a cost in an assert": (with_line("assert all(op.memory_gb for p in pipelines for op in p)"), GOOD),
    "a cost that is only printed": (with_line("print([op.memory_gb for op in pipelines])"), GOOD),
    "run as a script": (
        GOOD + '\n\nif __name__ == "__main__":\n    from eudoxia.cli import main\n    main()\n',
        f"{GOOD}",
    ),
    "run as a script with functions of its own": (
        GOOD + '\n\ndef load(path):\n    return open(path).read()\n\n\ndef main():\n    return len(load("a"))\n' + MAIN,
        GOOD,
    ),
    "a test of its own": (
        "import pytest\n" + GOOD + "\n\ndef test_it():\n    with pytest.raises(ValueError):\n        schedule(None, [], [])\n",
        GOOD,
    ),
}  # fmt: skip
"""Text before and after."""

REFUSED = {
    "a clock that decides": "import time\n"
    + with_line("if time.time() - s.begun > 9:\n    return [], []", LOOP),
    "a clock that is kept for others": "import time\n"
    + with_line("s.ram = {op: time.time() for op in s.ram}\ns.seen = time.time()\ns.queue.sort(key=lambda p: s.seen)"),
    "a clock by arrival": "import time\n" + with_line("s.ram[len(s.queue)] = time.time()"),
    "a seed from a clock": "import random, time\n" + with_line("random.seed(time.time())\nrandom.shuffle(s.queue)"),
    "a clock behind a name": "import time\n" + with_line("now = time.time()\nlater = now\nif later % 2:\n    s.queue.pop()"),
    "a clock by its attribute's name": "import time\n"
    + with_line('s.seen = time.time()\nif getattr(s, "seen") % 2:\n    s.queue.pop()'),
    "another library's queue": "from sortedcontainers import SortedList\n"
    + with_line("for p in SortedList(s.queue):\n    s.queue.remove(p)"),
    "a library that changes things": "import extras\n" + with_line("extras.reorder(s.queue)"),
    "a fallback from what is there": "try:\n    import os\n    FAST = True\nexcept ImportError:\n    FAST = False\n"
    + with_line("if FAST:\n    s.queue.reverse()"),
    "a fallback for other errors": "try:\n    import numba\n    FAST = True\nexcept ValueError:\n    FAST = False\n"
    + with_line("if FAST:\n    s.queue.reverse()"),
    "a fallback that leaves a name open": "try:\n    from numba import jit\nexcept ImportError:\n    pass\n"
    + with_line("s.queue = jit(sorted)(s.queue)"),
    "times in a list": "import time\n"
    + with_line("s.seen = s.seen + []\ns.seen.append(time.time())\ns.queue = s.queue[: len(s.seen)]"),
    "a time of the function around": "import time\n"
    + with_line("t = time.time()\ndef tick():\n    nonlocal t\n    t = time.time()\ntick()"),
    "a class from beside it": "from .queues import Container\n" + with_line("s.box = Container(s.queue)"),
    "settings from a file": with_line('with open("ram.txt") as f:\n    s.ram["all"] = float(f.read())'),
    "true costs": GOOD.replace("s.ram.get(op, 8)", "op.get_peak_memory_gb()"),
    "true costs with a name": with_line("need = [op.memory_gb for op in s.queue]\ns.queue = sorted(need)"),
    "a print that pops": "import time\n" + with_line("print(time.time(), s.queue.pop())"),
    "a log that counts": with_line('print(s.ram.setdefault("n", 1), file=open("log", "a"))'),
    "code from text": with_line('exec("s.queue.reverse()")'),
    "a name that is computed": with_line("getattr(s, results[0].error)"),
    "a shell": f'import os\nos.system("ls")\n{GOOD}',
    "a process's end": f"import sys\n{GOOD.replace(LOOP, '    if not s.queue: sys.exit()' + chr(10) + LOOP)}",
    "a changed library": "import numpy as np\n" + with_line("np.mean = max"),
    "a class's field": GOOD + "\n\nclass Job:\n    __dict__ = 1\n\n\nJOB = Job()\n",
    "an import at work in a default": "import time\n" + GOOD.replace("(pool, ram):", "(pool, ram, now=time.time()):"),
    "a whole module of names": "from numpy import *\n" + with_line("s.queue.sort(key=lambda p: -p.priority.value)"),
    "a name that only looks like Eudoxia's": f"from sklearn.pipeline import Pipeline\n{with_line('Pipeline([])')}",
    "a helper from beside it": "from .helpers import best\n" + with_line("s.queue.sort(key=best)"),
    "all of a helper module": "from helpers import *\n" + with_line("s.queue.sort(key=best)"),
    "a branch between others": "import time\n"
    + with_line("if len(s.queue) > 9:\n    s.queue.pop()\nelif time.time():\n    print(1)\nelse:\n    s.queue.reverse()"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), MENDED.values(), ids=MENDED.keys())
def test_what_goes(before: str, after: str) -> None:
    """What has no say in scheduling goes, and with it what only served it; not a byte of the rest changes."""
    found = tried(before)
    assert found is not None
    assert found.source == after


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_what_stays_refused(text: str) -> None:
    """Where something refused could decide, or could be missed, nothing is mended."""
    assert tried(text) is None
