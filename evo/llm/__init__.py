"""Language models: one question in, one answer out, whoever serves it.

Knows nothing of policies, runs or files, and imports nothing of evo but its errors. SDKs are imported where a provider
is made, so that nobody waits for them who asks no model.
"""

from evo.llm.exchange import Answer, CallError, Prompt, Provider, Usage

__all__ = ["Answer", "CallError", "Prompt", "Provider", "Usage"]
