"""A discrete-event simulator with the observable semantics of Eudoxia (revision c62122c).

`engine.simulate` runs one policy on one workload. This room imports nothing of evo but its errors, and could be
published alone.
"""

SIMULATOR_VERSION = "evo-1"
"""Changes whenever any result could: scores of different versions are never mixed."""

EUDOXIA_REVISION = "c62122cd15eca36d8872f7f9204d2f9c30774b28"
"""The revision of upstream whose results these are."""
