import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ANSWER_BYTES, type Answer, decodeAnswer, encodeAnswer } from "./answer.ts";
import { type Recorded, Recorder, type Recording } from "./recorder.ts";
import { type Follower, SingleFlight } from "./single-flight.ts";

const stream = Buffer.from(
  `${Array.from({ length: 5 }, (_, index) => `data: {"id":"x","n":"é${index}"}\n\n`).join("")}data: [DONE]\n\n`,
);

interface Scene {
  readonly recorder: Recorder;
  readonly recording: Recording;
  readonly stored: { readonly key: string; readonly answer: Answer; readonly ttl: number }[];
  /** What became of one who waits. */
  readonly follower: string[];
}

function scene(exchange: Partial<Recorded> = {}, limit = 64 << 20, ttlMilliseconds = 1000): Scene {
  const stored: Scene["stored"] = [];
  const recording = { bytes: 0, limit };
  const follower: string[] = [];
  const waiting: Follower = {
    take: () => follower.push("take"),
    lead: () => follower.push("lead"),
    goAlone: () => follower.push("alone"),
  };
  const flights = new SingleFlight(() => ({ cancel() {} }));
  const lead = flights.join("key", waiting, 1000);
  flights.join("key", waiting, 1000);
  const recorder = new Recorder(
    { model: "gpt", deployment: { id: "d1" }, fallbacks: 0, usageText: '{"total_tokens":3}', ...exchange },
    {
      store: {
        recordingBytes: limit,
        get: (_, asker) => asker.found(undefined),
        set: (key, answer, ttl) => stored.push({ key, answer, ttl }),
      },
      flights,
      recording,
      key: "key",
      ttlMilliseconds,
      clock: { epoch: () => 77 },
    },
    lead,
  );
  return { recorder, recording, stored, follower };
}

describe("Recorder", () => {
  it("keeps a stream byte for byte wherever its chunks are cut", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (cuts) => {
        const { recorder, recording, stored, follower } = scene();
        recorder.begin(200, "text/event-stream; charset=utf-8");
        const places = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
        for (const [index, place] of places.slice(1).entries())
          recorder.push(stream.subarray(places[index], place));
        expect(recording.bytes).toBe(stream.length);
        recorder.end();
        expect(stored[0]).toMatchObject({ key: "key", ttl: 1000 });
        expect(stored[0]?.answer.body.equals(stream)).toBe(true);
        expect(stored[0]?.answer).toMatchObject({
          stream: true,
          model: "gpt",
          deployment: "d1",
          storedAt: 77,
        });
        expect([recording.bytes, follower]).toEqual([0, ["take"]]);
      }),
      { numRuns: 50 },
    );
  });

  const json = Buffer.from('{"id":"x","model":"gpt","choices":[]}');
  it("keeps a JSON answer in a buffer of its own", () => {
    const { recorder, stored } = scene();
    recorder.begin(200, "application/json");
    recorder.push(json);
    recorder.end();
    const { body, usageText } = stored[0]!.answer;
    expect([body.toString(), body.buffer.byteLength, usageText]).toEqual([
      json.toString(),
      json.length,
      '{"total_tokens":3}',
    ]);
  });

  const cases: readonly {
    name: string;
    exchange?: Partial<Recorded>;
    limit?: number;
    run: (recorder: Recorder) => void;
    follower: "lead" | "alone";
  }[] = [
    { name: "an error", follower: "lead", run: (one) => one.begin(500, "application/json") },
    { name: "201", follower: "lead", run: (one) => one.begin(201, "application/json") },
    { name: "an end without a beginning", follower: "lead", run: (one) => one.end() },
    {
      name: "a stream without its end",
      follower: "lead",
      run(one) {
        one.begin(200, "text/event-stream");
        one.push(stream.subarray(0, stream.length - 16));
        one.end();
      },
    },
    {
      name: "an error with status 200",
      follower: "lead",
      run(one) {
        one.begin(200, "application/json");
        one.push(Buffer.from('{"error":{"message":"x"}}'));
        one.end();
      },
    },
    {
      name: "what a client left in the middle",
      follower: "lead",
      run(one) {
        one.begin(200, "text/event-stream");
        one.push(stream);
        one.abandon();
      },
    },
    {
      name: "a fallback's answer",
      exchange: { fallbacks: 1 },
      follower: "alone",
      run: (one) => one.begin(200, "application/json"),
    },
    { name: "encoded bytes", follower: "alone", run: (one) => one.refuse() },
    {
      name: "an answer that is too long",
      follower: "alone",
      run(one) {
        one.begin(200, "text/event-stream");
        for (let sent = 0; sent <= ANSWER_BYTES; sent += 1 << 20) one.push(Buffer.alloc(1 << 20));
      },
    },
    {
      name: "what exceeds the store's share of recordings",
      limit: 10,
      follower: "alone",
      run(one) {
        one.begin(200, "application/json");
        one.push(json);
      },
    },
  ];
  it.each(cases)("does not keep $name", ({ exchange, limit, run, follower: outcome }) => {
    const { recorder, recording, stored, follower } = scene(exchange, limit);
    run(recorder);
    recorder.push(json);
    recorder.end();
    recorder.abandon();
    expect({ stored, bytes: recording.bytes, follower }).toEqual({
      stored: [],
      bytes: 0,
      follower: [outcome],
    });
  });

  it("keeps nothing with a ttl of 0, but those who wait get the answer", () => {
    const { recorder, stored, follower } = scene({}, 1 << 20, 0);
    recorder.begin(200, "application/json");
    recorder.push(json);
    recorder.end();
    expect([stored, follower]).toEqual([[], ["take"]]);
  });
});

describe("encodeAnswer", () => {
  const answer: Answer = {
    contentType: "text/event-stream",
    stream: true,
    body: stream,
    model: "né",
    deployment: "d",
    storedAt: 5,
    usageText: '{"total_tokens":3}',
  };

  it("is read back", () => {
    expect(decodeAnswer(encodeAnswer(answer))).toEqual(answer);
    const { usageText: _, ...rest } = answer;
    expect(decodeAnswer(encodeAnswer({ ...rest, usageText: undefined }))?.usageText).toBeUndefined();
  });

  it("reads nothing else", () => {
    const bytes = encodeAnswer(answer);
    const head = encodeAnswer({ ...answer, body: Buffer.alloc(0) }).length;
    for (let cut = 0; cut < head; cut++) expect(decodeAnswer(bytes.subarray(0, cut))).toBeUndefined();
    expect(decodeAnswer(encodeAnswer({ ...answer, contentType: "a\r\nb: c" }))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array(), (some) => {
        expect(decodeAnswer(Buffer.from(some))).toBeUndefined();
        expect(() => decodeAnswer(Buffer.concat([Buffer.from("GWA1"), some]))).not.toThrow();
      }),
    );
  });
});
