# Half of a policy.
@register_scheduler_init(key='half')
def init(s):
    pass
