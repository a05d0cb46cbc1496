// Runs the unmodified npm OpenAI client against a network and prints what it saw as one JSON document.
// Usage: node stock-client.mjs <base url> <api key file> <model>
import { readFileSync } from "node:fs";
import OpenAI from "openai";

const [baseURL, keyFile, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: readFileSync(keyFile, "utf8").trim(), maxRetries: 0 });
const messages = [{ role: "user", content: "What is the capital of France?" }];
const seen = {};

const failure = async (work) => {
  try {
    await work();
    return null;
  } catch (e) {
    return { kind: e.constructor.name, status: e.status ?? null, code: e.code ?? null, type: e.type ?? null, param: e.param ?? null, message: e.message };
  }
};

seen.models = (await client.models.list()).data.map((m) => m.id);
seen.model = (await client.models.retrieve(model)).id;

const whole = await client.chat.completions.create({ model, messages, temperature: 0, logprobs: true, top_logprobs: 2 });
seen.chat = {
  content: whole.choices[0].message.content,
  finish: whole.choices[0].finish_reason,
  usage: whole.usage,
  logprobs: whole.choices[0].logprobs.content.length,
  assurance: whole.orchestrator?.assurance ?? null,
};

const stream = await client.chat.completions.create({ model, messages, temperature: 0, stream: true, stream_options: { include_usage: true } });
seen.stream = { content: "", finish: null, usage: null, role: null, chunks: 0 };
for await (const chunk of stream) {
  seen.stream.chunks++;
  const choice = chunk.choices[0];
  if (choice) {
    seen.stream.role ??= choice.delta.role ?? null;
    seen.stream.content += choice.delta.content ?? "";
    seen.stream.finish ??= choice.finish_reason;
  }
  if (chunk.usage) seen.stream.usage = chunk.usage;
}

const completion = await client.completions.create({ model, prompt: "The capital of France is", max_tokens: 8, temperature: 0 });
seen.completion = { text: completion.choices[0].text, finish: completion.choices[0].finish_reason };

const many = await client.chat.completions.create({ model, messages, n: 3, temperature: 1, seed: 7, max_tokens: 6 });
seen.many = many.choices.map((c) => c.index);

const aborted = await client.chat.completions.create({ model, messages, stream: true, max_tokens: 64 });
for await (const _ of aborted) {
  aborted.controller.abort();
  break;
}

const stranger = new OpenAI({ baseURL, apiKey: "sk-nobody", maxRetries: 0 });
seen.errors = {
  key: await failure(() => stranger.models.list()),
  model: await failure(() => client.chat.completions.create({ model: "no-such-model", messages })),
  temperature: await failure(() => client.chat.completions.create({ model, messages, temperature: 9 })),
  context: await failure(() => client.chat.completions.create({ model, messages: [{ role: "user", content: "x".repeat(20000) }] })),
};

console.log(JSON.stringify(seen));
