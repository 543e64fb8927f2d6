// OpenAI's own client for Node: every call, streamed and not, tools, errors, cancelling.

import OpenAI from "openai";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";
import { base, check, finish, raises, same } from "./checks.mjs";

const client = new OpenAI({ baseURL: base + "/v1", apiKey: "none", maxRetries: 0 });
const asked = "where is my refund";
const said = "You said: " + asked;
const messages = [{ role: "user", content: asked }];
const city = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const shape = z.object({ answer: z.string() });
const functions = ["weather", "tides"].map((name) => ({ type: "function", function: { name, parameters: city } }));
const chat = (more) => client.chat.completions.create({ model: "auto", messages, ...more });

await check("whole", async () => same((await chat()).choices[0].message.content, said));
await check("two tools at once, streamed", async () => {
  const stream = client.chat.completions.stream({ model: "auto", messages, tools: functions, stream_options: { include_usage: true } });
  const answer = await stream.finalChatCompletion();
  same(answer.choices[0].message.tool_calls.map((c) => c.function.name + c.function.arguments), ['weather{"city":"Oslo"}', 'tides{"city":"Oslo"}']);
  same(answer.usage.total_tokens, 14);
});
for (const stream of [false, true]) {
  await check(`a tool loop, streamed ${stream}`, async () => {
    const tool = { name: "weather", description: "the weather of a city", parse: JSON.parse, parameters: city, function: (x) => "rain in " + x.city };
    const loop = client.chat.completions.runTools({ stream, model: "auto", messages, tools: [{ type: "function", function: tool }] });
    same(await loop.finalContent(), "The tool said: rain in Oslo");
  });
}
await check("a shape", async () => {
  const answer = await client.chat.completions.parse({ model: "auto", messages, response_format: zodResponseFormat(shape, "a") });
  same(answer.choices[0].message.parsed, { answer: "yes" });
});
await check("a picture", async () => {
  const content = [{ type: "text", text: asked }, { type: "image_url", image_url: { url: "data:image/png;base64,aGk=" } }];
  same((await chat({ messages: [{ role: "user", content }] })).choices[0].message.content, said);
});
await check("embeddings, base64 as numbers", async () => {
  const [packed, plain] = await Promise.all(["base64", "float"].map((encoding_format) => client.embeddings.create({ model: "auto", input: ["a"], encoding_format })));
  const unpacked = (await client.embeddings.create({ model: "auto", input: ["a"] })).data[0].embedding;
  same(typeof packed.data[0].embedding, "string");
  same(unpacked.map((x) => x.toFixed(5)), plain.data[0].embedding.map((x) => x.toFixed(5)));
});
await check("models", async () => {
  const names = [];
  for await (const model of client.models.list()) names.push(model.id);
  same(names.includes("auto"), true);
  same((await client.models.retrieve("auto")).id, "auto");
});
await check("responses", async () => same((await client.responses.create({ model: "auto", input: asked })).output_text, said));
await check("responses, a shape", async () => {
  const answer = await client.responses.parse({ model: "auto", input: asked, text: { format: zodTextFormat(shape, "a") } });
  same(answer.output_parsed, { answer: "yes" });
});
await check("responses, the order of events", async () => {
  const stream = client.responses.stream({ model: "auto", input: asked, tools: [{ type: "function", name: "weather", parameters: city, strict: false }] });
  const kinds = [];
  for await (const event of stream) if (kinds.at(-1) !== event.type) kinds.push(event.type);
  same(kinds, ["created", "in_progress", "output_item.added", "function_call_arguments.delta", "function_call_arguments.done", "output_item.done", "completed"].map((k) => "response." + k));
});
await check("responses are kept", async () => {
  const { id } = await client.responses.create({ model: "auto", input: asked });
  same((await client.responses.retrieve(id)).output_text, said);
  const items = [];
  for await (const item of client.responses.inputItems.list(id)) items.push(item.content[0].text);
  same(items, [asked]);
  await client.responses.delete(id);
  await raises(OpenAI.NotFoundError, () => client.responses.retrieve(id));
});
await check("leaving in mid-stream", async () => {
  const stream = await chat({ stream: true });
  for await (const _ of stream) { stream.controller.abort(); break; }
  same((await chat()).choices[0].message.content, said);
});
await check("errors", async () => {
  await raises(OpenAI.NotFoundError, () => chat({ model: "nobody" }));
  await raises(OpenAI.BadRequestError, () => chat({ n: 2 }));
  await raises(OpenAI.BadRequestError, () => chat({ messages: [] }));
  await raises(OpenAI.InternalServerError, () => chat({ messages: [{ role: "user", content: "this is broken" }] }));
  await raises(OpenAI.NotFoundError, () => client.files.list());
});
finish();
