# Blocks that don't line up.
def init(s):
        s.a = 1
    s.b = 2
