"""Client of semroute, the semantic router for language models.

``Client`` and ``AsyncClient`` hold a channel and the stubs of all services. ``decide``
and ``ask`` make the usual calls; everything else is a call of a stub with the messages
of ``semroute.v1``.
"""

from ._client import AsyncClient, Client, Message

__all__ = ["AsyncClient", "Client", "Message"]
