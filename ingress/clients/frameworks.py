"""LangChain and LiteLLM, as they come, by a changed base URL."""

import os

import checks

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # nothing is fetched

ASKED = "where is my refund"


@checks.check
def langchain():
    from langchain_openai import ChatOpenAI

    model = ChatOpenAI(model="auto", base_url=checks.BASE + "/v1", api_key="none", max_retries=0)
    assert model.invoke(ASKED).content == "You said: " + ASKED
    assert "".join(part.content for part in model.stream(ASKED)) == "You said: " + ASKED


@checks.check
def langchain_tools():
    from langchain_core.tools import tool
    from langchain_openai import ChatOpenAI

    @tool
    def weather(city: str) -> str:
        """The weather of a city."""
        return "rain in " + city

    model = ChatOpenAI(model="auto", base_url=checks.BASE + "/v1", api_key="none", max_retries=0).bind_tools([weather])
    call = model.invoke(ASKED).tool_calls[0]
    assert call["name"] == "weather" and call["args"] == {"city": "Oslo"}, call


@checks.check
def litellm_by_openai():
    import litellm

    answer = litellm.completion(model="openai/auto", api_base=checks.BASE + "/v1", api_key="none", messages=[{"role": "user", "content": ASKED}])
    assert answer.choices[0].message.content == "You said: " + ASKED, answer
    parts = litellm.completion(model="openai/auto", api_base=checks.BASE + "/v1", api_key="none", messages=[{"role": "user", "content": ASKED}], stream=True)
    assert "".join(p.choices[0].delta.content or "" for p in parts) == "You said: " + ASKED


@checks.check
def litellm_by_anthropic():
    import litellm

    answer = litellm.completion(model="anthropic/auto", api_base=checks.BASE, api_key="none", messages=[{"role": "user", "content": "where is my parcel"}])
    assert answer.choices[0].message.content == "You said: where is my parcel", answer


@checks.check
def litellm_errors():
    import litellm

    try:
        litellm.completion(model="openai/nobody", api_base=checks.BASE + "/v1", api_key="none", messages=[{"role": "user", "content": ASKED}], max_retries=0)
    except litellm.NotFoundError:
        return
    raise AssertionError("an unknown model raised nothing")


checks.finish()
