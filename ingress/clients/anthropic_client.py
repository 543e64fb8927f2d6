"""Anthropic's own client: every call, streamed and not, tools, thinking, errors."""

import anthropic

import checks

TOOL = {"name": "weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}
ASKED = [{"role": "user", "content": "where is my parcel"}]

client = anthropic.Anthropic(base_url=checks.BASE, api_key="none", max_retries=0)


def create(**more):
    return client.messages.create(**{"model": "auto", "max_tokens": 2048, "messages": ASKED, **more})


@checks.check
def whole_answer():
    answer = create(system=[{"type": "text", "text": "be brief", "cache_control": {"type": "ephemeral"}}])
    assert answer.content[0].text == "You said: where is my parcel" and answer.stop_reason == "end_turn", answer
    assert answer.usage.output_tokens == 6, answer.usage


@checks.check
def streamed_answer():
    with client.messages.stream(model="auto", max_tokens=50, messages=ASKED) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text == "You said: where is my parcel" == final.content[0].text, (text, final)


@checks.check
def thinking():
    answer = create(thinking={"type": "enabled", "budget_tokens": 1024})
    assert answer.content[0].thinking == "Let me see." and answer.content[0].signature, answer


@checks.check
def a_tool_loop():
    for model in ("auto", "model:gpt"):
        first = create(model=model, tools=[TOOL], tool_choice={"type": "any"})
        call = first.content[-1]
        assert first.stop_reason == "tool_use" and call.input == {"city": "Oslo"}, first
        second = create(
            model=model,
            tools=[TOOL],
            messages=ASKED + [
                {"role": "assistant", "content": [b.model_dump(exclude_none=True) for b in first.content]},
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "rain"}]},
            ],
        )
        assert second.content[0].text == "The tool said: rain", second


@checks.check
def streamed_tools_of_another_protocol():
    with client.messages.stream(model="model:gpt", max_tokens=50, messages=ASKED, tools=[TOOL]) as stream:
        final = stream.get_final_message()
    assert final.content[0].input == {"city": "Oslo"}, final


@checks.check
def tokens_are_counted():
    assert client.messages.count_tokens(model="auto", messages=ASKED).input_tokens > 2


@checks.check
def errors_have_their_types():
    for kind, request in {
        anthropic.NotFoundError: {"model": "nobody"},
        anthropic.BadRequestError: {"messages": [{"role": "robot", "content": "x"}]},
        anthropic.InternalServerError: {"messages": [{"role": "user", "content": "this is broken"}]},
    }.items():
        try:
            create(**request)
        except kind as error:
            assert error.body["error"]["message"], error
        else:
            raise AssertionError(f"{request} raised no {kind.__name__}")


checks.finish()
