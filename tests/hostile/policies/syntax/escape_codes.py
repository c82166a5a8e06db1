# A terminal's commands between the words.
def init(s):
    [2J]0;owned s.a = 1
