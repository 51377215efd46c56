import { chatText, readStream } from "@gatewright/testkit";
import type { Answered } from "./response-reader.ts";

/** What a contestant answers to the two questions of the load. */
export interface Answers {
  readonly json: Answered;
  readonly stream: Answered;
  /** What they say, for the comparison with the upstream's. */
  readonly said: string;
}

/**
 * Asks both questions once. Contestants may write the same answer in other bytes; given what the upstream says, it
 * rejects when an answer says anything else: another text, other usage, another model's name than the client used.
 */
export async function firstAnswers({ port, headers, model }: AskedOf, upstream?: Answers): Promise<Answers> {
  const ask = async (stream: boolean): Promise<{ readonly status: number; readonly text: string }> => {
    const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({
        model,
        messages: [{ role: "user", content: "ready?" }],
        ...(stream ? { stream } : {}),
      }),
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`status ${response.status}: ${text.slice(0, 500)}`);
    return { status: response.status, text };
  };
  const json = await ask(false);
  const stream = await ask(true);
  const answer = JSON.parse(json.text) as ChatAnswer;
  const { frames, done } = await readStream(new Blob([stream.text]).stream());
  const models = [answer.model, ...frames.map((frame) => (JSON.parse(frame) as ChatAnswer).model)];
  if (upstream !== undefined && models.some((one) => one !== model)) {
    throw new Error(`it was asked for ${model} and answered for ${[...new Set(models)].join(", ")}`);
  }
  const { prompt_tokens, completion_tokens } = answer.usage ?? {};
  const said = JSON.stringify({
    text: answer.choices?.[0]?.message?.content,
    usage: { prompt_tokens, completion_tokens },
    streamed: chatText(frames),
    done,
  });
  if (upstream !== undefined && said !== upstream.said) {
    throw new Error(`it says ${said.slice(0, 500)}, the upstream says ${upstream.said.slice(0, 500)}`);
  }
  return {
    json: { status: json.status, length: Buffer.byteLength(json.text), frames: 0 },
    stream: {
      status: stream.status,
      length: Buffer.byteLength(stream.text),
      frames: stream.text.split("\n\n").length - 1,
    },
    said,
  };
}

/** Whom to ask, and how. */
export interface AskedOf {
  readonly port: number;
  readonly headers: { readonly [name: string]: string };
  readonly model: string;
}

interface ChatAnswer {
  readonly model?: string;
  readonly choices?: readonly { readonly message?: { readonly content?: string } }[];
  readonly usage?: { readonly prompt_tokens?: number; readonly completion_tokens?: number };
}
