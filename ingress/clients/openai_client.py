"""OpenAI's own client: every call, streamed and not, tools, errors, cancelling."""

import json

import openai

import checks

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "the weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
ASKED = [{"role": "user", "content": "where is my refund"}]

client = openai.OpenAI(base_url=checks.BASE + "/v1", api_key="none", max_retries=0)


def chat(**more):
    return client.chat.completions.create(**{"model": "auto", "messages": ASKED, **more})


@checks.check
def whole_answer():
    answer = chat()
    assert answer.choices[0].message.content == "You said: where is my refund", answer
    assert answer.model == "gpt" and answer.usage.total_tokens == 15, answer


@checks.check
def headers_tell_the_decision():
    raw = client.chat.completions.with_raw_response.create(model="auto", messages=ASKED)
    assert raw.headers["x-semroute-route"] == "refunds", raw.headers
    assert raw.headers["x-semroute-decision-id"], raw.headers


@checks.check
def streamed_answer_with_usage():
    text, usage = "", None
    for part in chat(stream=True, stream_options={"include_usage": True}):
        usage = part.usage or usage
        text += "".join(c.delta.content or "" for c in part.choices)
    assert text == "You said: where is my refund" and usage.completion_tokens == 6, (text, usage)


@checks.check
def stream_helper_gathers_tools():
    with client.chat.completions.stream(model="auto", messages=ASKED, tools=[WEATHER]) as stream:
        for _ in stream:
            pass
        call = stream.get_final_completion().choices[0].message.tool_calls[0]
    assert json.loads(call.function.arguments) == {"city": "Oslo"}, call


@checks.check
def a_tool_loop():
    first = chat(tools=[WEATHER], tool_choice="required").choices[0]
    assert first.finish_reason == "tool_calls", first
    call = first.message.tool_calls[0]
    second = chat(
        tools=[WEATHER],
        messages=ASKED + [first.message.model_dump(exclude_none=True), {"role": "tool", "tool_call_id": call.id, "content": "rain"}],
    )
    assert second.choices[0].message.content == "The tool said: rain", second


@checks.check
def structured_output():
    from pydantic import BaseModel

    class Answer(BaseModel):
        answer: str

    parsed = client.chat.completions.parse(model="auto", messages=ASKED, response_format=Answer)
    assert parsed.choices[0].message.parsed.answer == "yes", parsed


@checks.check
def logprobs():
    got = chat(logprobs=True).choices[0].logprobs
    assert got.content[0].logprob == -0.25, got


@checks.check
def another_protocol_upstream():
    answer = chat(messages=[{"role": "system", "content": "be brief"}, {"role": "user", "content": "where is my parcel"}])
    assert answer.model == "claude", answer


@checks.check
def errors_have_their_types():
    for kind, request in {
        openai.NotFoundError: {"model": "nobody"},
        openai.BadRequestError: {"n": 2},
        openai.InternalServerError: {"messages": [{"role": "user", "content": "this is broken"}]},
    }.items():
        try:
            chat(**request)
        except kind as error:
            assert error.body["message"], error
        else:
            raise AssertionError(f"{request} raised no {kind.__name__}")


@checks.check
def leaving_in_mid_stream():
    stream = chat(stream=True)
    next(iter(stream))
    stream.close()
    assert chat().choices[0].message.content


@checks.check
def embeddings():
    got = client.embeddings.create(model="auto", input=["one", "two"])
    assert len(got.data) == 2 and len(got.data[0].embedding) > 10, got


@checks.check
def models():
    assert "auto" in [m.id for m in client.models.list()]


@checks.check
def responses_whole_and_streamed():
    whole = client.responses.create(model="auto", input="where is my refund")
    assert whole.output_text == "You said: where is my refund", whole
    text = "".join(e.delta for e in client.responses.create(model="auto", input="where is my refund", stream=True) if e.type == "response.output_text.delta")
    assert text == "You said: where is my refund", text


@checks.check
def responses_go_on():
    first = client.responses.create(model="auto", input="where is my refund")
    second = client.responses.create(model="auto", input="and my other refund", previous_response_id=first.id)
    assert second.output_text == "You said: and my other refund", second


@checks.check
def responses_call_tools():
    tool = {"type": "function", **WEATHER["function"]}
    call = client.responses.create(model="auto", input="my refund", tools=[tool]).output[0]
    assert call.type == "function_call" and json.loads(call.arguments) == {"city": "Oslo"}, call


checks.finish()
