"""The search compared with variants of itself: rows of settings, runs at equal evaluations, and what may be concluded."""
