"""Frameworks for agents, as they come: Pydantic AI, OpenAI's Agents, Instructor, LangChain for Anthropic, LlamaIndex."""

import asyncio
import os

import anthropic
import openai
from pydantic import BaseModel

import checks

os.environ["OPENAI_API_KEY"] = os.environ["ANTHROPIC_API_KEY"] = "none"
OPENAI = {"base_url": checks.BASE + "/v1", "api_key": "none"}
ANTHROPIC = {"base_url": checks.BASE, "api_key": "none"}
REFUND, PARCEL = "where is my refund", "where is my parcel"


class Answer(BaseModel):
    answer: str


def weather(city: str) -> str:
    """The weather of a city."""
    return "rain in " + city


def pydantic_ai(kind):
    from pydantic_ai import Agent, NativeOutput
    from pydantic_ai.providers.openai import OpenAIProvider

    model = kind("auto", provider=OpenAIProvider(**OPENAI))
    assert Agent(model).run_sync(REFUND).output == "You said: " + REFUND
    assert Agent(model, output_type=Answer).run_sync(REFUND).output == Answer(answer="Oslo")  # by a tool
    assert Agent(model, output_type=NativeOutput(Answer)).run_sync(REFUND).output == Answer(answer="yes")

    async def streamed():
        async with Agent(model, tools=[weather]).run_stream(REFUND) as answer:
            return "".join([part async for part in answer.stream_text(delta=True)])

    assert asyncio.run(streamed()) == "The tool said: rain in Oslo"


@checks.check
def pydantic_ai_by_chat():
    from pydantic_ai.models.openai import OpenAIChatModel

    pydantic_ai(OpenAIChatModel)


@checks.check
def pydantic_ai_by_responses():
    from pydantic_ai.models.openai import OpenAIResponsesModel

    pydantic_ai(OpenAIResponsesModel)


def agents(kind):
    from agents import Agent, Runner, function_tool, set_tracing_disabled

    set_tracing_disabled(True)
    model = kind(model="auto", openai_client=openai.AsyncOpenAI(**OPENAI))
    tools = [function_tool(weather)]
    assert Runner.run_sync(Agent(name="a", model=model, instructions="be brief"), REFUND).final_output == "You said: " + REFUND
    assert Runner.run_sync(Agent(name="a", model=model, tools=tools), REFUND).final_output == "The tool said: rain in Oslo"
    assert Runner.run_sync(Agent(name="a", model=model, output_type=Answer), REFUND).final_output == Answer(answer="yes")

    async def streamed():
        run = Runner.run_streamed(Agent(name="a", model=model, tools=tools), REFUND)
        async for _ in run.stream_events():
            pass
        return run.final_output

    assert asyncio.run(streamed()) == "The tool said: rain in Oslo"


@checks.check
def openai_agents_by_chat():
    from agents import OpenAIChatCompletionsModel

    agents(OpenAIChatCompletionsModel)


@checks.check
def openai_agents_by_responses():
    from agents import OpenAIResponsesModel

    agents(OpenAIResponsesModel)


@checks.check
def instructor_by_both():
    import instructor

    asked = {"model": "auto", "response_model": Answer}
    for mode, answer in (instructor.Mode.TOOLS, "Oslo"), (instructor.Mode.JSON_SCHEMA, "yes"):
        client = instructor.from_openai(openai.OpenAI(**OPENAI), mode=mode)
        got = client.chat.completions.create(messages=[{"role": "user", "content": REFUND}], **asked)
        assert got.answer == answer, (mode, got)
    client = instructor.from_anthropic(anthropic.Anthropic(**ANTHROPIC))
    got = client.messages.create(max_tokens=99, messages=[{"role": "user", "content": PARCEL}], **asked)
    assert got.answer == "Oslo", got


@checks.check
def langchain_anthropic():
    from langchain_anthropic import ChatAnthropic
    from langchain_core.messages import HumanMessage, ToolMessage
    from langchain_core.tools import tool

    model = ChatAnthropic(model="auto", **ANTHROPIC)
    assert model.invoke(PARCEL).text == "You said: " + PARCEL
    assert "".join(part.text for part in model.stream(PARCEL)) == "You said: " + PARCEL
    assert model.with_structured_output(Answer).invoke(PARCEL) == Answer(answer="Oslo")
    assert model.get_num_tokens_from_messages([HumanMessage(PARCEL)]) > 3
    able = model.bind_tools([tool(weather)])
    called = able.invoke(PARCEL)
    said = able.invoke([HumanMessage(PARCEL), called, ToolMessage("rain", tool_call_id=called.tool_calls[0]["id"])])
    assert said.text == "The tool said: rain", said


@checks.check
def langchain_by_responses():
    from langchain_openai import ChatOpenAI

    model = ChatOpenAI(model="auto", use_responses_api=True, **OPENAI)
    assert model.invoke(REFUND).text == "You said: " + REFUND
    assert "".join(part.text for part in model.stream(REFUND)) == "You said: " + REFUND
    assert model.with_structured_output(Answer).invoke(REFUND) == Answer(answer="yes")


@checks.check
def llama_index():
    from llama_index.core.llms import ChatMessage
    from llama_index.core.tools import FunctionTool
    from llama_index.llms.openai_like import OpenAILike

    model = OpenAILike(model="auto", api_base=OPENAI["base_url"], api_key="none", is_chat_model=True, is_function_calling_model=True)
    assert model.chat([ChatMessage(role="user", content=REFUND)]).message.content == "You said: " + REFUND
    assert "".join(part.delta for part in model.stream_complete(REFUND)) == "You said: " + REFUND
    called = model.get_tool_calls_from_response(model.chat_with_tools([FunctionTool.from_defaults(weather)], user_msg=REFUND))
    assert called[0].tool_kwargs == {"city": "Oslo"}, called


checks.finish()
