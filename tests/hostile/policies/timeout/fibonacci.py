# Calls that double.


@register_scheduler_init(key="fibonacci")
def init(s):
    s.waiting = []

@register_scheduler(key="fibonacci")
def schedule(s, results, pipelines):
    def fib(n):
        return n if n < 2 else fib(n - 1) + fib(n - 2)
    return [], [fib(80)]
