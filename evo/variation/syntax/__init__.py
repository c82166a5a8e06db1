"""Variation without a model: mutation and crossover on the syntax tree, offline, drawn from the given generator.

The tree says what may be changed and where it stands; the edits are made in the text, so untouched code keeps its
formatting and its comments. Nothing here runs a policy or knows a score.
"""

from __future__ import annotations

from evo.variation.syntax.crossover import SyntaxCrossover
from evo.variation.syntax.mutation import SyntaxMutation, default_weights

__all__ = ["SyntaxCrossover", "SyntaxMutation", "default_weights"]
