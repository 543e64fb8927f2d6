"""Decides, asks, streams and gives feedback, in both ways. SEMROUTE is the server."""

import asyncio
import os

import grpc

from semroute import AsyncClient, Client, Message
from semroute.v1 import feedback_pb2

TARGET = os.environ.get("SEMROUTE", "127.0.0.1:50051")


def in_turn() -> None:
    with Client(TARGET) as router:
        decision = router.decide("where is my refund")
        print(decision.route, f"{decision.confidence:.2f}", decision.model)
        none = router.decide("who won the match last night")
        print(none.route or "none", none.Reason.Name(none.reason))
        answer = router.ask([Message("system", "Be brief."), Message("user", "where is my parcel")])
        print(answer.record.model, answer.answer.text)
        text = "".join(event.piece.text for event in router.stream("where is my refund"))
        print(text)
        said = feedback_pb2.Feedback(decision_id=answer.decision.decision_id, verdict=feedback_pb2.Feedback.RIGHT)
        print(router.feedback.GiveFeedback(feedback_pb2.GiveFeedbackRequest(feedback=said)).decision.route)
        try:
            router.decide("x" * (2 << 20))
        except grpc.RpcError as error:
            print(error.code().name)


async def at_once() -> None:
    async with AsyncClient(TARGET) as router:
        decisions = await asyncio.gather(*(router.decide(p) for p in ("where is my refund", "where is my parcel")))
        print([d.route for d in decisions])
        print("".join([event.piece.text async for event in router.stream("where is my parcel")]))


in_turn()
asyncio.run(at_once())
