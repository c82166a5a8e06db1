"""Which code speaks to which service: the one place that knows all providers.

Each is imported only when it is made, with its SDK.
"""

from __future__ import annotations

import msgspec

from evo.errors import InputError
from evo.llm.batching import Service
from evo.llm.exchange import Provider
from evo.llm.keys import Key
from evo.llm.models import Model
from evo.llm.settings import Settings

__all__ = ["batches_of", "provider_of"]


def provider_of(model: Model, key: Key, settings: Settings) -> Provider:
    """Who asks this model, in the event loop that runs; where it is and the key stand above the settings.

    Raises InputError for what no server could be asked with.
    """
    known = _known(model, key, settings)
    if model.service == "anthropic":
        from evo.llm.anthropic_messages import AnthropicMessages

        return AnthropicMessages(known)
    if model.service == "openai":
        from evo.llm.openai_responses import OpenAIResponses

        return OpenAIResponses(known)
    from evo.llm.chat_completions import ChatCompletions

    return ChatCompletions(known)


def batches_of(model: Model, key: Key, settings: Settings) -> Service:
    """Who asks this model in batches, likewise; raises InputError if nobody does."""
    known = _known(model, key, settings)
    if model.service == "anthropic":
        from evo.llm.anthropic_batches import AnthropicBatches

        return AnthropicBatches(known)
    if model.service == "openai":
        from evo.llm.openai_batches import OpenAIBatches

        return OpenAIBatches(known)
    raise InputError(f"{model.name}: a server of one's own takes no batches; leave --batch out")


def _known(model: Model, key: Key, settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, model=model.id, key=key.secret, base=model.base)
