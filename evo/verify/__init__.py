"""A saved run held against itself: its sources, its records and every score, recomputed from its own folder.

The run is only read. What differs is a value that names the place; what can't be read at all raises, as everywhere.
"""
