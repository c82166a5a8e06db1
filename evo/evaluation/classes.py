"""The classes of pipelines by the names that metrics, scores and words have for them. Knows nothing else."""

from __future__ import annotations

from types import MappingProxyType

from evo.metric import CLASSES
from evo.simulator.states import Priority

NAMES = MappingProxyType(dict(zip(Priority, CLASSES, strict=True)))
"""The name of each class."""
