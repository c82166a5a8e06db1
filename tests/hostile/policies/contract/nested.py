# Registered inside a function.
def make():
    @register_scheduler_init(key='nested')
    def init(s):
        pass

    @register_scheduler(key='nested')
    def schedule(s, results, pipelines):
        return [], []


make()
