// Anthropic's own client for Node: messages, tools, thoughts, trials, errors.

import Anthropic from "@anthropic-ai/sdk";
import { base, check, finish, raises, same } from "./checks.mjs";

const client = new Anthropic({ baseURL: base, apiKey: "none", maxRetries: 0 });
const asked = "where is my parcel";
const said = "You said: " + asked;
const messages = [{ role: "user", content: asked }];
const city = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const tools = ["weather", "tides"].map((name) => ({ name, input_schema: city }));

for (const model of ["auto", "model:gpt"]) {
  await check(`${model}: whole`, async () => same((await client.messages.create({ model, max_tokens: 99, messages })).content[0].text, said));
  await check(`${model}: two tools at once, streamed`, async () => {
    const answer = await client.messages.stream({ model, max_tokens: 99, messages, tools }).finalMessage();
    same(answer.content.map((b) => [b.name, b.input.city]), [["weather", "Oslo"], ["tides", "Oslo"]]);
    same(answer.stop_reason, "tool_use");
  });
  await check(`${model}: a tool loop`, async () => {
    const tool = { name: "weather", type: "custom", description: "the weather of a city", input_schema: city, parse: (x) => x, run: async (x) => "rain in " + x.city };
    const answer = await client.beta.messages.toolRunner({ model, max_tokens: 99, messages, tools: [tool] });
    same(answer.content[0].text, "The tool said: rain in Oslo");
  });
}
await check("thoughts, streamed", async () => {
  const thinking = { type: "enabled", budget_tokens: 1024 };
  const answer = await client.messages.stream({ model: "auto", max_tokens: 2000, thinking, messages }).finalMessage();
  same(answer.content.map((b) => b.thinking ?? b.text), ["Let me see.", said]);
});
await check("trials of the protocol", async () => {
  const answer = await client.beta.messages.stream({ model: "auto", max_tokens: 99, betas: ["a-2025-01-01"], messages }).finalMessage();
  same(answer.content[0].text, said);
  const { input_tokens } = await client.beta.messages.countTokens({ model: "auto", betas: ["a-2025-01-01"], messages });
  same(input_tokens > 3, true);
});
await check("models", async () => {
  const names = [];
  for await (const model of client.models.list()) names.push(model.display_name);
  same(names.includes("auto"), true);
  same((await client.models.retrieve("auto")).type, "model");
});
await check("errors", async () => {
  const ask = (more) => client.messages.create({ model: "auto", max_tokens: 9, messages, ...more });
  await raises(Anthropic.NotFoundError, () => ask({ model: "nobody" }));
  await raises(Anthropic.BadRequestError, () => ask({ messages: [] }));
  await raises(Anthropic.InternalServerError, () => ask({ messages: [{ role: "user", content: "this is broken" }] }));
  await raises(Anthropic.NotFoundError, () => client.messages.batches.list());
});
finish();
