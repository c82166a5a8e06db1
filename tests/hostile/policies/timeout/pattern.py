# A pattern that tries all ways to match.
import re


@register_scheduler_init(key="pattern")
def init(s):
    s.waiting = []

@register_scheduler(key="pattern")
def schedule(s, results, pipelines):
    re.match('(a+)+$', 'a' * 40 + 'b')
    return [], []
