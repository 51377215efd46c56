import * as z from "zod";

const milliseconds = z.number().nonnegative();
const count = z.int().nonnegative();

/** A time: fixed, or drawn for each use: evenly `from`–`to`, exponential with a `mean`, normal with a `deviation`. */
const time = z.union([
  milliseconds,
  z.strictObject({ from: milliseconds, to: milliseconds }),
  z.strictObject({ mean: milliseconds, deviation: milliseconds.optional() }),
]);

/**
 * How the fake upstream answers. Everything is optional and nothing is wrong by default: a short answer, at once.
 * "Frame" is one `data:` line of a stream; frames are counted from 0 and `[DONE]` is none of them.
 * Times are milliseconds.
 */
export const behaviour = z.strictObject({
  /** Before the first byte of the answer. */
  delay: time.optional(),
  /** Between the frames of a stream. */
  interval: time.optional(),
  /** Answer with this error, always or in `errorRate` (0–1) of the cases. */
  error: z
    .strictObject({
      status: z.int().min(400).max(599),
      message: z.string().optional(),
      type: z.string().optional(),
      code: z.string().optional(),
      /** `retry-after` header, seconds or a date. */
      retryAfter: z.union([z.number(), z.string()]).optional(),
      /** Sent instead of an OpenAI error body. */
      body: z.string().optional(),
    })
    .optional(),
  errorRate: z.number().min(0).max(1).optional(),
  /** Take the request and never answer. */
  stallBeforeHeaders: z.boolean().optional(),
  /** Send this many frames and then nothing more, with the connection open. */
  stallAtFrame: count.optional(),
  /** Send the first frame again and again, `interval` apart (at least 10), until `release`; then the rest. */
  held: z.boolean().optional(),
  /** Destroy the connection without an answer. */
  cutBeforeHeaders: z.boolean().optional(),
  /** Destroy the connection after this many frames; of a JSON answer, after half of it. */
  cutAtFrame: count.optional(),
  /** End the stream properly after this many frames, but without `[DONE]`. */
  endAtFrame: count.optional(),
  /** This frame is not JSON. */
  malformedFrame: count.optional(),
  /** Send this many frames and then an OpenAI error as a frame. */
  errorAtFrame: count.optional(),
  /** Answer 200 with something else than an answer. */
  garbage: z.enum(["empty", "html", "text", "list", "truncated", "wrong-type"]).optional(),
  /** Send the bytes of the answer in small pieces that end anywhere. */
  drip: z.strictObject({ bytes: z.int().positive(), interval: milliseconds }).optional(),
  /** Frames with content in a stream, and words in a JSON answer. Default 5. */
  frames: count.optional(),
  /** Bytes of padding in each frame, and in a JSON answer. */
  padding: count.optional(),
  /** The whole text, instead of the upstream's name of the model followed by numbered words. */
  text: z.string().optional(),
  /** Call these tools instead of answering with text. `arguments` is JSON text. */
  toolCalls: z.array(z.strictObject({ name: z.string(), arguments: z.string() })).optional(),
  /** What the model thought before it answered; only chats in wires that show it. */
  reasoning: z.string().optional(),
  /** Signature of the reasoning, where the wire has one. Default `sig_fake`. */
  signature: z.string().optional(),
  /** Why the answer ends, instead of what follows from the rest. */
  finish: z.enum(["length", "content-filter", "refusal", "stop-sequence"]).optional(),
  /** Parts of the 7 tokens of the prompt (`cached`, `cacheWrite`) and of the answer's (`reasoning`). */
  usageDetails: z
    .strictObject({ cached: count.optional(), cacheWrite: count.optional(), reasoning: count.optional() })
    .optional(),
  /** The name in the answer's `model`, instead of the one asked for. */
  model: z.string().optional(),
  /** Send `usage`; in a stream only when `stream_options.include_usage` asks for it. Default true. */
  usage: z.boolean().optional(),
  /** Length of an embedding. Default 3. */
  dimensions: z.int().positive().optional(),
  headers: z.record(z.string(), z.string()).optional(),
});

export type Behaviour = z.infer<typeof behaviour>;
export type Time = z.infer<typeof time>;

/** What a fake upstream does for whom. Later ones win, field by field: `default`, `models`, `keys`, the request's `fake`. */
export const script = z.strictObject({
  default: behaviour.optional(),
  /** By the model's name upstream. */
  models: z.record(z.string(), behaviour).optional(),
  /** By the key: the bearer token, or the header `api-key`, `x-api-key` or `x-goog-api-key`. */
  keys: z.record(z.string(), behaviour).optional(),
  /** When set, every other key is answered with 401. */
  acceptedKeys: z.array(z.string()).optional(),
  /** What `GET /models` lists. Default: the names under `models`. */
  listed: z.array(z.string()).optional(),
});

export type Script = z.infer<typeof script>;

/** Draws a time. `random` gives numbers in [0, 1). */
export function sample(time: Time | undefined, random: () => number): number {
  if (time === undefined) return 0;
  if (typeof time === "number") return time;
  if ("from" in time) return time.from + (time.to - time.from) * random();
  if (time.deviation === undefined) return -Math.log(1 - random()) * time.mean;
  // Box and Muller's way from two even numbers to a normal one.
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.max(0, time.mean + time.deviation * normal);
}
