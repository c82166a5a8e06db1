# A key that nobody can read.
NAME = 'a' + 'b'


@register_scheduler_init(key=NAME)
def init(s):
    pass


@register_scheduler(key=NAME)
def schedule(s, results, pipelines):
    return [], []
