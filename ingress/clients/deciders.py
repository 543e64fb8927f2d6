"""Those who ask a decision server: semantic-router and the protocol's own client."""

import asyncio

import checks

QUESTION = {"type": "choice", "instructions": "Which route?", "criteria": {"refunds": "money back", "shipping": "parcels"}}


@checks.check
def semantic_router():
    from semantic_router.decision_models.systemone import SystemOneDecisionModel

    async def ask():
        model = SystemOneDecisionModel(name="auto", base_url=checks.BASE)
        try:
            one = await model.aask("where is my refund", {"route": QUESTION})
            many = await model.aask_many(["where is my refund", "where is my parcel"], {"route": QUESTION})
        finally:
            await model.aclose()
        return [a["route"]["choice"] for a in [one, *many]]

    assert asyncio.run(ask()) == ["refunds", "refunds", "shipping"]


@checks.check
def the_protocols_own_client():
    from typesafe_sdk import Choice, Noul, Score, TypeSafeClient

    with TypeSafeClient(base_url=checks.BASE, api_key="none") as client:
        response = client.system_one(
            model="auto",
            state={"document": "where is my refund"},
            questions={
                "route": Choice(instructions="Which route?", criteria={"refunds": None, "shipping": None}),
                "urgency": Score(instructions="How urgent?", criteria=["it can wait", "it is about money"]),
                "angry": Noul(instructions="Is the writer angry?"),
            },
        )
        assert response.choices["route"].choice == "refunds", response
        assert abs(sum(response.choices["route"].probabilities.values()) - 1) < 1e-9, response
        assert [m.name for m in client.models.list().models] == ["auto"]


@checks.check
def what_has_no_route_is_refused():
    from typesafe_sdk import Choice, TypeSafeClient, TypeSafeUnprocessableEntityError

    with TypeSafeClient(base_url=checks.BASE, api_key="none") as client:
        try:
            client.system_one(model="auto", state="x", questions={"q": Choice(instructions="?", criteria={"refunds": None, "weather": None})})
        except TypeSafeUnprocessableEntityError as error:
            assert "unsupported" in str(error.body), error.body
        else:
            raise AssertionError("an option without a route was answered")


checks.finish()
