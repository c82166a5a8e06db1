"""The policy's side of the simulator: the Eudoxia-shaped objects that a policy sees, and the host that calls it.

Nothing here knows what an operator will cost or what arrives later; what a policy may know comes in messages.
"""
