import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

/** The APIs a client can ask for text in, and embeddings. */
export const clientApis = ["chat", "response", "message", "completion", "embedding"] as const;

export type ClientApi = (typeof clientApis)[number];

/** Whom to ask, and for what. */
export interface Question {
  /** Without a path. */
  readonly url: string;
  /** Default `sk-client`: for gateways that are open. */
  readonly key?: string;
  readonly model: string;
  readonly stream: boolean;
  readonly prompt: string;
  /** Offer one tool, `look_up`, with a `topic`. */
  readonly tool?: boolean;
}

/** What an official client understood of an answer. */
export interface Heard {
  readonly text: string;
  readonly tools: readonly { readonly id: string; readonly name: string; readonly input: unknown }[];
  readonly finish: string | null | undefined;
  /** Tokens of prompt and answer. */
  readonly input: number | undefined;
  readonly output: number | undefined;
}

const description = "Looks a topic up";
const schema = { type: "object", properties: { topic: { type: "string" } }, required: ["topic"] };

/** Asks with the official client of the API. Throws what the client throws. */
export async function ask(api: ClientApi, question: Question): Promise<Heard> {
  switch (api) {
    case "chat":
      return askChat(question);
    case "response":
      return askResponse(question);
    case "message":
      return askMessage(question);
    case "completion":
      return askCompletion(question);
    case "embedding":
      return askEmbedding(question);
  }
}

function openai({ url, key = "sk-client" }: Question): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
}

async function askChat(question: Question): Promise<Heard> {
  const { model, prompt, stream, tool } = question;
  const body = {
    model,
    messages: [{ role: "user", content: prompt }],
    ...(tool === true
      ? { tools: [{ type: "function", function: { name: "look_up", description, parameters: schema } }] }
      : {}),
  } as const;
  const { completions } = openai(question).chat;
  const answer = stream
    ? await completions
        .stream({ ...body, messages: [...body.messages], stream_options: { include_usage: true } } as never)
        .finalChatCompletion()
    : await completions.create({ ...body, messages: [...body.messages] } as never);
  const { choices, usage } = answer as OpenAI.ChatCompletion;
  const [choice] = choices;
  const tools = (choice?.message.tool_calls ?? []).flatMap((call) =>
    call.type === "function"
      ? [{ id: call.id, name: call.function.name, input: JSON.parse(call.function.arguments) as unknown }]
      : [],
  );
  return {
    text: choice?.message.content ?? "",
    tools,
    finish: choice?.finish_reason,
    input: usage?.prompt_tokens,
    output: usage?.completion_tokens,
  };
}

async function askResponse(question: Question): Promise<Heard> {
  const { model, prompt, stream, tool } = question;
  const body = {
    model,
    input: prompt,
    ...(tool === true
      ? { tools: [{ type: "function", name: "look_up", description, parameters: schema, strict: false }] }
      : {}),
  };
  const { responses } = openai(question);
  const answer = stream
    ? await responses.stream(body as never).finalResponse()
    : ((await responses.create(body as never)) as OpenAI.Responses.Response);
  const tools = answer.output.flatMap((item) =>
    item.type === "function_call"
      ? [{ id: item.call_id, name: item.name, input: JSON.parse(item.arguments) as unknown }]
      : [],
  );
  const text = answer.output
    .flatMap((item) => (item.type === "message" ? item.content : []))
    .map((part) => (part.type === "output_text" ? part.text : ""))
    .join("");
  const { input_tokens: input, output_tokens: output } = answer.usage ?? {};
  return { text, tools, finish: answer.status, input, output };
}

async function askMessage(question: Question): Promise<Heard> {
  const { url, key = "sk-client", model, prompt, stream, tool } = question;
  const client = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 });
  const body = {
    model,
    max_tokens: 1024,
    messages: [{ role: "user", content: prompt }],
    ...(tool === true ? { tools: [{ name: "look_up", description, input_schema: schema }] } : {}),
  };
  const answer = stream
    ? await client.messages.stream(body as never).finalMessage()
    : ((await client.messages.create(body as never)) as Anthropic.Message);
  const tools = answer.content.flatMap((block) =>
    block.type === "tool_use" ? [{ id: block.id, name: block.name, input: block.input }] : [],
  );
  return {
    text: answer.content.map((block) => (block.type === "text" ? block.text : "")).join(""),
    tools,
    finish: answer.stop_reason,
    input: answer.usage.input_tokens,
    output: answer.usage.output_tokens,
  };
}

async function askCompletion(question: Question): Promise<Heard> {
  const { model, prompt, stream } = question;
  const { completions } = openai(question);
  if (!stream) {
    const { choices, usage } = await completions.create({ model, prompt });
    return {
      text: choices[0]?.text ?? "",
      tools: [],
      finish: choices[0]?.finish_reason,
      input: usage?.prompt_tokens,
      output: usage?.completion_tokens,
    };
  }
  let text = "";
  let finish: string | null | undefined;
  let usage: OpenAI.CompletionUsage | null | undefined;
  for await (const chunk of await completions.create({
    model,
    prompt,
    stream: true,
    stream_options: { include_usage: true },
  })) {
    text += chunk.choices[0]?.text ?? "";
    finish = chunk.choices[0]?.finish_reason ?? finish;
    usage = chunk.usage ?? usage;
  }
  return { text, tools: [], finish, input: usage?.prompt_tokens, output: usage?.completion_tokens };
}

/** The text of an embedding is its vectors. */
async function askEmbedding(question: Question): Promise<Heard> {
  const answer = await openai(question).embeddings.create({
    model: question.model,
    input: question.prompt,
    encoding_format: "float",
  });
  return {
    text: JSON.stringify(answer.data.map(({ embedding }) => embedding)),
    tools: [],
    finish: undefined,
    input: answer.usage.prompt_tokens,
    output: 0,
  };
}
