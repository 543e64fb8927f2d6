// Vercel's AI SDK by each of its providers that can be pointed here, over an upstream
// of the same protocol and of another.

import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embedMany, generateObject, generateText, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";
import { base, check, finish, same } from "./checks.mjs";

globalThis.AI_SDK_LOG_WARNINGS = false; // it knows no model of the name auto
const at = { baseURL: base + "/v1", apiKey: "none" };
const openai = createOpenAI(at);
const compatible = createOpenAICompatible({ ...at, name: "semroute", supportsStructuredOutputs: true, includeUsage: true });
const weather = tool({ description: "the weather of a city", inputSchema: z.object({ city: z.string() }), execute: async ({ city }) => "rain in " + city });
const tools = { weather, tides: weather };
const stopWhen = stepCountIs(3);

for (const [name, model, prompt, answer] of [
  ["compatible", compatible("auto"), "where is my refund", "yes"],
  ["chat", openai.chat("auto"), "where is my refund", "yes"],
  ["chat over Anthropic", openai.chat("model:claude"), "where is my parcel", "yes"],
  ["responses", openai.responses("auto"), "where is my refund", "yes"],
  ["responses over Anthropic", openai.responses("model:claude"), "where is my parcel", "yes"],
  ["messages", createAnthropic(at)("auto"), "where is my parcel", "Oslo"], // it asks for shapes by a tool
  ["messages over OpenAI", createAnthropic(at)("model:gpt"), "where is my parcel", "Oslo"],
]) {
  const ask = { model, prompt, maxRetries: 0 };
  await check(`${name}: whole`, async () => {
    const { text, usage, finishReason } = await generateText(ask);
    same([text, usage.totalTokens, finishReason], ["You said: " + prompt, 15, "stop"]);
  });
  await check(`${name}: streamed`, async () => {
    const stream = streamText(ask);
    let text = "";
    for await (const part of stream.textStream) text += part;
    same([text, (await stream.usage).totalTokens, await stream.finishReason], ["You said: " + prompt, 15, "stop"]);
  });
  await check(`${name}: a loop of two tools`, async () => {
    const { text, steps } = await generateText({ ...ask, tools, stopWhen });
    same([text, steps[0].toolCalls.length], ["The tool said: rain in Oslo", 2]);
  });
  await check(`${name}: the same, streamed`, async () => same(await streamText({ ...ask, tools, stopWhen }).text, "The tool said: rain in Oslo"));
  await check(`${name}: a shape`, async () => same((await generateObject({ ...ask, schema: z.object({ answer: z.string() }) })).object, { answer }));
  await check(`${name}: a picture`, async () => {
    const content = [{ type: "text", text: prompt }, { type: "image", image: new Uint8Array([1, 2, 3]), mediaType: "image/png" }];
    same((await generateText({ model, maxRetries: 0, messages: [{ role: "user", content }] })).text, "You said: " + prompt);
  });
}
await check("embeddings", async () => same((await embedMany({ model: openai.embedding("auto"), values: ["a", "b"] })).embeddings.length, 2));
finish();
