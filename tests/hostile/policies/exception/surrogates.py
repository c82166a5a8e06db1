# A message that is no text.


@register_scheduler_init(key="surrogates")
def init(s):
    s.waiting = []

@register_scheduler(key="surrogates")
def schedule(s, results, pipelines):
    raise ValueError('\ud800\udfff')
