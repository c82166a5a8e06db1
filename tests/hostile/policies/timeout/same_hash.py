# A set in which all is alike.
class Alike:
    def __hash__(self):
        return 1

    def __eq__(self, other):
        return False


@register_scheduler_init(key="same-hash")
def init(s):
    s.waiting = []

@register_scheduler(key="same-hash")
def schedule(s, results, pipelines):
    return [], [{Alike() for _ in range(5000)}]
