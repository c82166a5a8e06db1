"""What to do about a failure whose message alone can't be acted on, in a sentence for whoever mends the policy.

Messages are Eudoxia's own where there are any, and some of those say nothing of their cause. Knows no source.
"""

from __future__ import annotations

from evo.population import Failure, FailureKind

_LISTS = "return two lists from every path, empty ones for nothing: return suspensions, assignments"
_NOTHING_THERE = "guard for nothing there: no arrivals, an empty queue, no pool with room"

_ACTIONS = (
    (
        "Overallocated",
        (
            "all assignments of one call count together: subtract each from your own copy of that pool's avail_cpu_pool and "
            "avail_ram_pool. What is suspended in this call is not free yet"
        ),
    ),
    (
        "from running to running",
        "the same Assignment object was returned twice: collect assignments in a list that is new in each call",
    ),
    (
        "Cannot transition",
        (
            "take operators only from get_ops(ASSIGNABLE_STATES, require_parents_complete=True) in the very call, each "
            "once: making an Assignment moves its operators to ASSIGNED, returned or not"
        ),
    ),
    ("positive", "amounts of 0 or less mean that nothing is free: leave the operator for a later call"),
    (
        "Dependencies not satisfied",
        (
            "an operator began before its parents were completed: use get_ops(ASSIGNABLE_STATES, "
            "require_parents_complete=True), or put the parents before it into the same container"
        ),
    ),
    ("exactly 1 operator", "this cluster takes one operator per container: an Assignment for each"),
    (
        "StopIteration",
        (
            "on so many CPUs the container's last operator takes less than a tick, which ends a run: give it fewer CPUs, "
            "but not below 0.4"
        ),
    ),
    (
        "suspend",
        (
            "suspend only what is in pool.active_containers and says can_suspend_container() in this very call, each once: "
            "Suspend(container.container_id, container.pool_id)"
        ),
    ),
    ("unpack", _LISTS),
    ("not iterable", _LISTS),
    ("no len()", "return lists, no generators"),
    ("pool_id", "the first list holds Suspend objects, the second Assignment objects, and nothing else"),
    ("must have at least", "leave what doesn't fit for a later call instead of giving it next to nothing"),
)

_UNSCORED = (
    (
        "no container ended",
        (
            "nothing was ever assigned (keep arrivals in s, and look at them in later calls too), or all of it still runs, "
            "on too few CPUs"
        ),
    ),
    ("no container completed", "every container was killed: after an OOM give its operators more RAM"),
    (
        "no pipeline completed",
        (
            "containers ended, but no pipeline was done: assign FAILED operators again with more RAM, and go on with the "
            "children of those that are completed"
        ),
    ),
)

_EXCEPTIONS = (
    ("RecursionError", "replace the recursion by a loop"),
    ("changed size during iteration", "iterate over a copy, list(...), where the loop adds or removes"),
    (
        "has no attribute",
        "use only what the description of the API names, and set what is the policy's own in its init function",
    ),
    ("empty", _NOTHING_THERE),
    ("index out of range", _NOTHING_THERE),
)

_OTHERS = (
    (
        FailureKind.TIMEOUT,
        (
            "calls are too slow or never end: bound every while loop, forget completed pipelines, return at once where "
            "there are neither results nor arrivals, don't search all operators for each container"
        ),
    ),
    (FailureKind.MEMORY, "keep only what isn't complete yet: lists that only grow are the usual cause"),
    (FailureKind.CRASH, "no exits, no deep recursion, no huge numbers or texts"),
    (
        FailureKind.OUTPUT,
        "return two short lists of Suspend and Assignment objects, and print next to nothing",
    ),
    (FailureKind.CHEATING, "change the cluster by what is returned only, never the objects that are shown"),
)


def advice(failure: Failure) -> str:
    """What to do about a failure, without a full stop; empty if its message says all that there is to say."""
    by_message = {
        FailureKind.INVALID_ACTION: _ACTIONS,
        FailureKind.UNSCORED: _UNSCORED,
        FailureKind.EXCEPTION: _EXCEPTIONS,
    }
    for fragment, words in by_message.get(failure.kind, ()):
        if fragment in failure.message:
            return words
    return next((words for kind, words in _OTHERS if kind is failure.kind), "")
