# Not a policy at all.
'''I am sorry, but I can't help with scheduling.'''
