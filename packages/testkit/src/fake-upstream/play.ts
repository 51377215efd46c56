import type { ServerResponse } from "node:http";
import { garbageAnswer } from "./answers.ts";
import { type Behaviour, sample } from "./behaviour.ts";
import type { RecordedRequest, UpstreamStats } from "./recording.ts";
import type { Ask, FakeWire } from "./wire.ts";

/** One request being answered. */
export interface Scene {
  readonly wire: FakeWire;
  readonly ask: Ask;
  readonly behaviour: Behaviour;
  readonly response: ServerResponse;
  readonly record: RecordedRequest;
  readonly stats: UpstreamStats;
  readonly random: () => number;
  /** Aborted when streams that are held now may go on. */
  readonly release: AbortSignal;
}

/** Answers as the behaviour says. Resolves when there is nothing more to do, also when the client has gone. */
export async function play(scene: Scene): Promise<void> {
  const { ask, behaviour, random, response, wire } = scene;
  if (behaviour.stallBeforeHeaders === true) return;
  if (!(await pause(scene, sample(behaviour.delay, random)))) return;
  if (behaviour.cutBeforeHeaders === true) return cut(scene);
  for (const [name, value] of Object.entries(behaviour.headers ?? {})) response.setHeader(name, value);
  const { error, errorRate, garbage } = behaviour;
  const failed = error !== undefined && (errorRate === undefined || random() < errorRate);
  const failure = failed ? error : wire.problem?.(ask);
  if (failure !== undefined) {
    if (failure.retryAfter !== undefined) response.setHeader("retry-after", String(failure.retryAfter));
    for (const [name, value] of Object.entries(wire.errorHeaders?.(failure) ?? {})) {
      response.setHeader(name, value);
    }
    return send(scene, failure.status, "application/json", wire.errorBody(failure));
  }
  if (garbage !== undefined) {
    const { contentType, text } = garbageAnswer(garbage, JSON.stringify(wire.answer(ask, behaviour)));
    return send(scene, 200, contentType, text);
  }
  if (ask.stream) return playStream(scene);
  const text = JSON.stringify(wire.answer(ask, behaviour));
  if (behaviour.cutAtFrame !== undefined) {
    head(scene, 200, "application/json", Buffer.byteLength(text));
    response.write(text.slice(0, text.length / 2), () => cut(scene));
    return;
  }
  return send(scene, 200, "application/json", text);
}

async function playStream(scene: Scene): Promise<void> {
  const { ask, behaviour, random, record, response, stats, wire } = scene;
  head(scene, 200, wire.streamContentType);
  response.flushHeaders();
  const done = (): boolean => {
    if (record.frames === behaviour.cutAtFrame) cut(scene);
    else if (record.frames === behaviour.endAtFrame) response.end();
    else if (record.frames === behaviour.errorAtFrame) {
      response.end(wire.errorFrame("fake error in the stream"));
    } else return record.frames === behaviour.stallAtFrame;
    return true;
  };
  for (const frame of wire.frames(ask, behaviour)) {
    if (done()) return;
    if (record.frames > 0 && !(await pause(scene, sample(behaviour.interval, random)))) return;
    const bytes = record.frames === behaviour.malformedFrame ? wire.malformedFrame : frame;
    record.frames++;
    stats.frames++;
    if (!(await write(scene, bytes))) return;
    if (record.frames === 1 && behaviour.held === true && !(await hold(scene, bytes))) return;
  }
  if (done()) return;
  if (await write(scene, wire.closing)) response.end();
}

/** Repeats a frame until the release. False when the client has gone. */
async function hold(scene: Scene, frame: string | Buffer): Promise<boolean> {
  const { behaviour, random, record, release, stats } = scene;
  while (!release.aborted) {
    if (!(await pause(scene, Math.max(10, sample(behaviour.interval, random))))) return false;
    record.frames++;
    stats.frames++;
    if (!(await write(scene, frame))) return false;
  }
  return true;
}

async function send(scene: Scene, status: number, contentType: string, text: string): Promise<void> {
  head(scene, status, contentType, Buffer.byteLength(text));
  if (scene.behaviour.drip === undefined) {
    scene.response.end(text);
    return;
  }
  if (await write(scene, text)) scene.response.end();
}

function head({ response }: Scene, status: number, contentType: string, length?: number): void {
  response.statusCode = status;
  response.setHeader("content-type", contentType);
  response.setHeader("x-request-id", "req_fake");
  if (length !== undefined) response.setHeader("content-length", length);
}

/** Writes with back-pressure, dripping if told to. False when the client has gone. */
async function write(scene: Scene, content: string | Buffer): Promise<boolean> {
  const { behaviour, response } = scene;
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const { bytes: size, interval } = behaviour.drip ?? { bytes: bytes.length, interval: 0 };
  for (let start = 0; start < bytes.length; start += size) {
    if (response.destroyed) return false;
    if (!response.write(bytes.subarray(start, start + size))) await drained(response);
    if (behaviour.drip !== undefined && !(await pause(scene, interval))) return false;
  }
  return !response.destroyed;
}

async function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      response.off("drain", go).off("close", go);
      resolve();
    };
    response.on("drain", go).on("close", go);
  });
}

/** Waits. False, and at once, when the client has gone. */
async function pause({ response }: Scene, milliseconds: number): Promise<boolean> {
  if (milliseconds > 0 && !response.destroyed) {
    await new Promise<void>((resolve) => {
      const go = (): void => {
        clearTimeout(timer);
        response.off("close", go);
        resolve();
      };
      const timer = setTimeout(go, milliseconds);
      response.on("close", go);
    });
  }
  return !response.destroyed;
}

function cut({ record, response }: Scene): void {
  record.state = "cut";
  // What was written just now leaves the process first: the client is to see every frame up to the cut.
  setImmediate(() => response.destroy());
}
