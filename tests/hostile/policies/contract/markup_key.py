# A key of many lines.
@register_scheduler_init(key='[/]\n\x1b[31m')
def init(s):
    pass


@register_scheduler(key='[/]\n\x1b[31m')
def schedule(s, results, pipelines):
    return [], []
