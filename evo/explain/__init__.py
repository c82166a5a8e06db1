"""Why a policy scores what it scores: which of its parts earn it, the shortest program that does, where it decides otherwise.

Every answer is measured: changed programs are scored on the same traces, in the cage. Nothing here writes files,
prints, or changes a run.
"""
