# A message that commands a terminal.


@register_scheduler_init(key="escape-codes")
def init(s):
    s.waiting = []

@register_scheduler(key="escape-codes")
def schedule(s, results, pipelines):
    raise ValueError('\x1b[2J\x1b]0;owned\x07[bold red]markup[/]\r\n' * 3)
