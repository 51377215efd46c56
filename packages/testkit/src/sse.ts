import { createParser } from "eventsource-parser";

/** What came through a stream of server-sent events, as a client saw it. */
export interface ReadStream {
  /** The `data` of every event but `[DONE]`, in order. */
  readonly frames: readonly string[];
  /** `[DONE]` came. */
  readonly done: boolean;
  /** Why the connection broke; undefined when it ended properly. */
  readonly broken?: Error;
}

/** The `data` of each event, as it comes. Throws what the connection throws. */
export async function* events(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const found: string[] = [];
  const parser = createParser({
    onEvent: ({ data }) => {
      found.push(data);
    },
  });
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield* found.splice(0);
  }
}

/** Reads a stream to its end, whatever the end is. */
export async function readStream(body: AsyncIterable<Uint8Array>): Promise<ReadStream> {
  const frames: string[] = [];
  let done = false;
  try {
    for await (const data of events(body)) {
      if (data === "[DONE]") done = true;
      else frames.push(data);
    }
  } catch (error) {
    return { frames, done, broken: error instanceof Error ? error : new Error(String(error)) };
  }
  return { frames, done };
}

/** The text of a streamed chat: the `content` of every chunk, joined. */
export function chatText(frames: readonly string[]): string {
  return frames
    .map((frame) => {
      const chunk = JSON.parse(frame) as { choices?: readonly { delta?: { content?: string | null } }[] };
      return chunk.choices?.[0]?.delta?.content ?? "";
    })
    .join("");
}
