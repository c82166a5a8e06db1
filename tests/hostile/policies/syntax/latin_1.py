# Not UTF-8: éÿ
def init(s):
    pass
