"""Is the winner really better? Policies on traces that nobody bred or chose them by, and on those traces disturbed.

Statistics and disturbances are pure. What is looked at is recorded. Prints nothing.
"""
