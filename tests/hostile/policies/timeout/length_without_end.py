# A list that never says how long it is.
class Slow(list):
    def __len__(self):
        while True:
            pass

    def __iter__(self):
        return iter(())


@register_scheduler_init(key="length-without-end")
def init(s):
    s.waiting = []

@register_scheduler(key="length-without-end")
def schedule(s, results, pipelines):
    return [], Slow()
