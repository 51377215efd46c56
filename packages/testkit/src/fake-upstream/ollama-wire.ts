import type { Behaviour } from "./behaviour.ts";
import { ollamaProblem } from "./ollama-problem.ts";
import { type Ask, type FakeWire, type Fields, PROMPT_TOKENS, wordsOf } from "./wire.ts";

/**
 * Ollama's own API as its documentation shows it: /api/chat, whose streams are lines of JSON, and /api/embed. A request
 * that breaks its rules is refused.
 */
export const ollamaWire: FakeWire = {
  ask(path, fields) {
    const embedding = path.endsWith("/api/embed");
    if (!embedding && !path.endsWith("/api/chat")) return undefined;
    const model = typeof fields["model"] === "string" ? fields["model"] : "";
    // Without a word it streams.
    const stream = !embedding && fields["stream"] !== false;
    return { operation: embedding ? "embedding" : "chat", model, stream, fields };
  },
  problem: ({ fields, operation }) => {
    const message = ollamaProblem(fields, operation === "embedding");
    return message === undefined ? undefined : { status: 400, message };
  },
  answer: (ask, behaviour) =>
    ask.operation === "embedding" ? embeddings(ask, behaviour) : answer(ask, behaviour),
  streamContentType: "application/x-ndjson",
  *frames(ask, behaviour) {
    for (const line of linesOf(ask, behaviour)) yield `${JSON.stringify(line)}\n`;
  },
  closing: "",
  malformedFrame: '{"model":"llama3.2","message":{"role\n',
  errorFrame: (message) => `${JSON.stringify({ error: message })}\n`,
  errorBody: ({ body, message, status }) =>
    body ?? JSON.stringify({ error: message ?? `fake error ${status}` }),
};

/** What an answer says, in the pieces of a stream. */
interface Said {
  readonly thoughts: readonly string[];
  readonly words: readonly string[];
  readonly calls: readonly Fields[];
}

/** Thoughts are shown only to those who ask for them. */
function said({ fields, model }: Ask, behaviour: Behaviour): Said {
  const { reasoning = "", toolCalls } = behaviour;
  const thinks = reasoning !== "" && fields["think"] !== undefined && fields["think"] !== false;
  const middle = Math.ceil(reasoning.length / 2);
  return {
    thoughts: thinks ? [reasoning.slice(0, middle), reasoning.slice(middle)] : [],
    words: toolCalls === undefined ? wordsOf(model, behaviour) : [],
    calls: (toolCalls ?? []).map((call, index) => ({
      // Versions before 0.12 give no ids: every other call is one of theirs.
      ...(index % 2 === 0 ? { id: `call_${index}` } : {}),
      function: { index, name: call.name, arguments: JSON.parse(call.arguments) as unknown },
    })),
  };
}

function answer(ask: Ask, behaviour: Behaviour): object {
  const { calls, thoughts, words } = said(ask, behaviour);
  return {
    ...headOf(ask, behaviour),
    message: {
      role: "assistant",
      content: words.join(""),
      ...(thoughts.length === 0 ? {} : { thinking: thoughts.join("") }),
      ...(calls.length === 0 ? {} : { tool_calls: calls }),
    },
    ...logprobsOf(ask, words),
    ...endOf(behaviour, words.length + calls.length),
  };
}

function* linesOf(ask: Ask, behaviour: Behaviour): Generator<object, void> {
  const { calls, thoughts, words } = said(ask, behaviour);
  const line = (message: Fields, more: object): object => ({
    ...headOf(ask, behaviour),
    message: { role: "assistant", content: "", ...message },
    ...more,
  });
  for (const thinking of thoughts) yield line({ thinking }, { done: false });
  for (const word of words) yield line({ content: word }, { ...logprobsOf(ask, [word]), done: false });
  for (const call of calls) yield line({ tool_calls: [call] }, { done: false });
  yield line({}, endOf(behaviour, words.length + calls.length));
}

function headOf({ model }: Ask, behaviour: Behaviour): Fields {
  const { padding = 0 } = behaviour;
  return {
    model: behaviour.model ?? model,
    created_at: "2023-11-14T22:13:20.000000001Z",
    ...(padding === 0 ? {} : { padding: "x".repeat(padding) }),
  };
}

/** Every token is as good as certain, and has one alternative. */
function logprobsOf({ fields }: Ask, words: readonly string[]): object {
  if (fields["logprobs"] !== true) return {};
  return {
    logprobs: words.map((token) => ({
      token,
      logprob: -0.25,
      bytes: [...Buffer.from(token)],
      top_logprobs: [{ token, logprob: -0.25, bytes: [...Buffer.from(token)] }],
    })),
  };
}

/** Ollama has no word for a filter or a refusal. */
function endOf({ finish, usage }: Behaviour, output: number): object {
  return {
    done: true,
    done_reason: finish === "length" ? "length" : "stop",
    total_duration: 30,
    load_duration: 10,
    ...(usage === false
      ? {}
      : {
          prompt_eval_count: PROMPT_TOKENS,
          prompt_eval_duration: 10,
          eval_count: output,
          eval_duration: 10,
        }),
  };
}

function embeddings({ fields, model }: Ask, behaviour: Behaviour): object {
  const { dimensions = 3 } = behaviour;
  const { input } = fields;
  const inputs = Array.isArray(input) ? input : [input];
  return {
    model: behaviour.model ?? model,
    embeddings: inputs.map((_, seed) =>
      Array.from({ length: dimensions }, (__, index) => (index + 1) / (seed + 2)),
    ),
    total_duration: 20,
    load_duration: 10,
    prompt_eval_count: inputs.length,
  };
}
