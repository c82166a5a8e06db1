# A list of less than nothing.
class Less(list):
    def __len__(self):
        return -1


@register_scheduler_init(key="length-below-zero")
def init(s):
    s.waiting = []

@register_scheduler(key="length-below-zero")
def schedule(s, results, pipelines):
    return [], Less()
