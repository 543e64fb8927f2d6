"""The clients: a channel, the stubs, and the usual calls."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

import grpc
import grpc.aio

from semroute.v1 import (
    catalog_pb2_grpc,
    chat_pb2,
    decision_pb2,
    feedback_pb2_grpc,
    map_pb2_grpc,
    quality_pb2_grpc,
    router_service_pb2,
    router_service_pb2_grpc,
    traffic_pb2_grpc,
)

#: How long a call may take where the caller does not say, in seconds.
TIMEOUT = 60.0


class Message(NamedTuple):
    """A turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    text: str


def _prompt(prompt: str | Sequence[Message], metadata: Mapping[str, str] | None, user: str) -> router_service_pb2.Prompt:
    message = router_service_pb2.Prompt(metadata=metadata, user=router_service_pb2.User(id=user))
    if isinstance(prompt, str):
        message.text = prompt
        return message
    for turn in prompt:
        message.chat.messages.add(role=chat_pb2.Message.Role.Value(turn.role.upper()), parts=[chat_pb2.Part(text=turn.text)])
    return message


def _credentials(key: str | None, tls: grpc.ChannelCredentials | None) -> grpc.ChannelCredentials | None:
    if key is None or tls is None:
        return tls
    return grpc.composite_channel_credentials(tls, grpc.access_token_call_credentials(key))


def _headers(key: str | None, tls: grpc.ChannelCredentials | None) -> tuple[tuple[str, str], ...]:
    """A key without TLS goes as a header: gRPC refuses call credentials there."""
    return (("authorization", f"Bearer {key}"),) if key is not None and tls is None else ()


class Client:
    """Calls a server. It may be used by several threads, and is a context manager.

    ``key`` is an API key or a token. ``tls`` are credentials of ``grpc``, as
    ``grpc.ssl_channel_credentials()``; None speaks without TLS, as on one machine.
    """

    def __init__(self, target: str = "127.0.0.1:50051", *, key: str | None = None, tls: grpc.ChannelCredentials | None = None) -> None:
        credentials = _credentials(key, tls)
        self.channel = grpc.insecure_channel(target) if credentials is None else grpc.secure_channel(target, credentials)
        self._metadata = _headers(key, tls)
        self.router = router_service_pb2_grpc.RouterServiceStub(self.channel)
        self.catalog = catalog_pb2_grpc.CatalogServiceStub(self.channel)
        self.feedback = feedback_pb2_grpc.FeedbackServiceStub(self.channel)
        self.traffic = traffic_pb2_grpc.TrafficServiceStub(self.channel)
        self.quality = quality_pb2_grpc.QualityServiceStub(self.channel)
        self.map = map_pb2_grpc.MapServiceStub(self.channel)

    def decide(
        self,
        prompt: str | Sequence[Message],
        *,
        metadata: Mapping[str, str] | None = None,
        user: str = "",
        session: str = "",
        timeout: float = TIMEOUT,
    ) -> decision_pb2.Decision:
        """The decision on a prompt; an abstention is one, no error."""
        request = router_service_pb2.RouteRequest(prompt=_prompt(prompt, metadata, user), session=session)
        return self.router.Route(request, timeout=timeout, metadata=self._metadata).decision

    def ask(
        self,
        prompt: str | Sequence[Message],
        *,
        metadata: Mapping[str, str] | None = None,
        user: str = "",
        session: str = "",
        timeout: float = TIMEOUT,
    ) -> router_service_pb2.RouteResponse:
        """The decision, with the answer of the model that it leads to."""
        request = router_service_pb2.RouteRequest(prompt=_prompt(prompt, metadata, user), forward=True, session=session)
        return self.router.Route(request, timeout=timeout, metadata=self._metadata)

    def stream(
        self,
        prompt: str | Sequence[Message],
        *,
        metadata: Mapping[str, str] | None = None,
        user: str = "",
        session: str = "",
        timeout: float = TIMEOUT,
    ) -> Iterator[router_service_pb2.StreamRouteResponse]:
        """The decision, the pieces of the answer as they come, and the record."""
        request = router_service_pb2.StreamRouteRequest(prompt=_prompt(prompt, metadata, user), session=session)
        yield from self.router.StreamRoute(request, timeout=timeout, metadata=self._metadata)

    def close(self) -> None:
        """Closes the channel; calls under way end."""
        self.channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncClient:
    """The same for asyncio; it belongs to one event loop."""

    def __init__(self, target: str = "127.0.0.1:50051", *, key: str | None = None, tls: grpc.ChannelCredentials | None = None) -> None:
        credentials = _credentials(key, tls)
        self.channel = grpc.aio.insecure_channel(target) if credentials is None else grpc.aio.secure_channel(target, credentials)
        self._metadata = _headers(key, tls)
        self.router = router_service_pb2_grpc.RouterServiceStub(self.channel)
        self.catalog = catalog_pb2_grpc.CatalogServiceStub(self.channel)
        self.feedback = feedback_pb2_grpc.FeedbackServiceStub(self.channel)
        self.traffic = traffic_pb2_grpc.TrafficServiceStub(self.channel)
        self.quality = quality_pb2_grpc.QualityServiceStub(self.channel)
        self.map = map_pb2_grpc.MapServiceStub(self.channel)

    async def decide(
        self,
        prompt: str | Sequence[Message],
        *,
        metadata: Mapping[str, str] | None = None,
        user: str = "",
        session: str = "",
        timeout: float = TIMEOUT,
    ) -> decision_pb2.Decision:
        """The decision on a prompt; an abstention is one, no error."""
        request = router_service_pb2.RouteRequest(prompt=_prompt(prompt, metadata, user), session=session)
        return (await self.router.Route(request, timeout=timeout, metadata=self._metadata)).decision

    async def ask(
        self,
        prompt: str | Sequence[Message],
        *,
        metadata: Mapping[str, str] | None = None,
        user: str = "",
        session: str = "",
        timeout: float = TIMEOUT,
    ) -> router_service_pb2.RouteResponse:
        """The decision, with the answer of the model that it leads to."""
        request = router_service_pb2.RouteRequest(prompt=_prompt(prompt, metadata, user), forward=True, session=session)
        return await self.router.Route(request, timeout=timeout, metadata=self._metadata)

    async def stream(
        self,
        prompt: str | Sequence[Message],
        *,
        metadata: Mapping[str, str] | None = None,
        user: str = "",
        session: str = "",
        timeout: float = TIMEOUT,
    ) -> AsyncIterator[router_service_pb2.StreamRouteResponse]:
        """The decision, the pieces of the answer as they come, and the record."""
        request = router_service_pb2.StreamRouteRequest(prompt=_prompt(prompt, metadata, user), session=session)
        async for event in self.router.StreamRoute(request, timeout=timeout, metadata=self._metadata):
            yield event

    async def close(self) -> None:
        """Closes the channel; calls under way end."""
        await self.channel.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
