# A bracket that is never closed.
def schedule(s, results, pipelines):
    return ([], []
