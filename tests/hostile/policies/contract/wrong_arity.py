# Can't be called with three arguments.
@register_scheduler_init(key='arity')
def init(s):
    pass


@register_scheduler(key='arity')
def schedule(s):
    return [], []
