"""evo: an evolutionary search engine for scheduling policies."""
