# Python 2.
def init(s):
    print 'hello'
