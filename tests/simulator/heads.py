"""What may stand at the head of a policy, and round a habit's statements, as blocks with `STEP`, `SEEN` and `SCORE`."""

from __future__ import annotations

import textwrap

HEADS = (
    textwrap.dedent("""
    if not results and not pipelines:
        return [], []

    if not pipelines and not results:
        return [], []

    if not (results or pipelines):
        return [], []

    if not results and not pipelines: return ([], [])

    if not results:
        if not pipelines:
            return [], []

    if len(results) == 0 and len(pipelines) == 0:
        return [], []

    if len(results) + len(pipelines) == 0:
        return [], []

    if results == [] and pipelines == []:
        return [], []

    quiet = not results and not pipelines
    if quiet:
        return [], []

    if not any((results, pipelines)):
        return [], []

    if not results and not pipelines:
        return [], list()

    if not results and not pipelines:
        return tuple(), ()

    if not results and not pipelines:
        return NONE

    if not results and not pipelines:
        return s.none

    if not results and not pipelines:
        return NONE[0], s.none[1]

    if not results and not pipelines:
        s.calls += 1
        return [], []

    s.calls += 1
    if not results and not pipelines:
        return [], []

    s.calls = SEEN
    if not results and not pipelines:
        return [], []

    if not results and not pipelines and not s.live:
        return [], []

    if not results and not pipelines and s.calls < 5:
        return [], []

    if not results and not pipelines and SCORE:
        return [], []

    if SCORE and not results and not pipelines:
        return [], []

    if not results and not pipelines or SCORE:
        return [], []

    if not results and not pipelines:
        if SCORE:
            return [], []

    if not pipelines:
        return [], []

    if not results:
        return [], []

    if not results or not pipelines:
        return [], []

    if not s.live and not pipelines:
        return [], []

    if not results and not pipelines:
        pass
    elif SCORE:
        return [], []

    if results or pipelines:
        s.calls += 1
    else:
        return [], []

    if not results and not pipelines:
        STEP
        return [], []

    if not results and not pipelines: return [], [] if SCORE else [STEP_VALUE][:0]

    STEP
    if not results and not pipelines:
        return [], []

    try:
        if not results and not pipelines:
            return [], []
    finally:
        s.calls += 1

    try:
        if not results and not pipelines:
            return [], []
    finally:
        STEP

    while not results and not pipelines:
        return [], []

    for _ in range(1):
        if not results and not pipelines:
            return [], []

    match (len(results), len(pipelines)):
        case (0, 0):
            return [], []

    if quiet(results, pipelines):
        return [], []

    if s.quiet(results, pipelines):
        return [], []

    results = results or s.kept
    s.kept = results
    if not results and not pipelines:
        return [], []

    pipelines = pipelines + s.live[:1]
    if not results and not pipelines:
        return [], []

    (results, pipelines) = (pipelines, results)
    if not results and not pipelines:
        return [], []

    if not results and not (pipelines := pipelines or s.live[:0]):
        return [], []

    if not results and not [p for p in pipelines if STEP_VALUE or True]:
        return [], []

    if not results and not pipelines: raise_at(s)
    if not results and not pipelines: return [], []

    if not results and not pipelines: return helper_return(s)

    if not results and not pipelines: return [s for s in []], [*()]

    "docstring"
    if not results and not pipelines:
        return [], []

    "docstring"
    calls = s.calls
    if not results and not pipelines:
        return [], []
    s.calls = calls + 1

    calls = STEP_VALUE
    if not results and not pipelines:
        return [], []

    if not results and not pipelines and not SCORE: return [], []
    if not pipelines and not results: return [], []
""")
    .strip()
    .split("\n\n")
)
"""Ways out for a call without news, and some that only look like one. `SEEN`, `SCORE`, `STEP` are a habit's."""

ROUND = (
    textwrap.dedent("""
    STEP

    if results:
        STEP

    if pipelines:
        STEP

    if not results:
        STEP

    if not results and not pipelines:
        STEP

    if results or pipelines:
        STEP

    if s.live:
        STEP

    if SCORE:
        STEP

    for pool in s.executor.pools:
        STEP
        break

    try:
        STEP
    finally:
        pass

    try:
        pass
    finally:
        STEP

    try:
        STEP
        1 / 0
    except ZeroDivisionError:
        pass

    try:
        [][0]
    except IndexError:
        STEP

    while True:
        STEP
        break

    def todo():
        STEP
    todo()

    def todo(again=1):
        if again:
            return todo(again - 1)
        STEP
    todo()

    if len(s.live) > 2:
        STEP
    else:
        pass
""")
    .strip()
    .split("\n\n")
)
"""What may stand round a habit's statements."""
