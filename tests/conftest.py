"""What all tests share: Hypothesis without deadlines, since a test's time is the machine's affair."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("evo", deadline=None, print_blob=True)
settings.load_profile("evo")
