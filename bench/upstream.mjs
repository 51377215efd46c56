// The fastest upstream that is still one: bytes rendered beforehand, straight onto the socket, no HTTP library.
// Under /v1/messages it says the same in Anthropic's wire, for what translation costs.
// A stream for the user "paced" comes slowly, and each of its frames says when it left.
// Environment: PORT; KEY, which every request must carry. GET /_stats tells and clears the counts.
import { createServer } from "node:net";
import process from "node:process";

const FRAMES = 20;
const PACE = 5;
const PACED_FRAMES = 120;
const port = Number(process.env.PORT);
const bearer = Buffer.from(`Bearer ${process.env.KEY}`);
const plainKey = Buffer.from(`x-api-key: ${process.env.KEY}`);
const messagesPath = Buffer.from("POST /v1/messages ");
const stats = { requests: 0, streams: 0, frames: 0, wrongKeys: 0 };

const head = (type, more) =>
  `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\nx-request-id: req_bench\r\nopenai-processing-ms: 1\r\n${more}\r\n`;
const frameHead = {
  id: "chatcmpl-bench",
  object: "chat.completion.chunk",
  created: 1700000000,
  model: "bench-model",
};

const text = "All work and no play. ".repeat(44).trim();

// A chat answer of about 1.3 KB.
const answer = JSON.stringify({
  id: "chatcmpl-bench",
  object: "chat.completion",
  created: 1700000000,
  model: "bench-model",
  choices: [
    {
      index: 0,
      message: {
        role: "assistant",
        content: text,
        refusal: null,
        annotations: [],
      },
      logprobs: null,
      finish_reason: "stop",
    },
  ],
  usage: { prompt_tokens: 12, completion_tokens: 220, total_tokens: 232 },
  service_tier: "default",
  system_fingerprint: "fp_bench",
});
const whole = (json) =>
  Buffer.from(`${head("application/json", `content-length: ${json.length}\r\n`)}${json}`);
const jsonAnswer = whole(answer);
const message = { id: "msg_bench", type: "message", role: "assistant", model: "bench-model" };
const jsonMessage = whole(
  JSON.stringify({
    ...message,
    content: [{ type: "text", text }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: {
      input_tokens: 12,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: 220,
      service_tier: "standard",
    },
  }),
);

const chunked = (text) => Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
const frame = (index) =>
  chunked(
    `data: ${JSON.stringify({
      ...frameHead,
      system_fingerprint: "fp_bench",
      choices: [
        {
          index: 0,
          delta: index === 0 ? { role: "assistant", content: "" } : { content: " word" },
          logprobs: null,
          finish_reason: null,
        },
      ],
    })}\n\n`,
  );
const pacedFrame = (content) =>
  chunked(`data: ${JSON.stringify({ ...frameHead, choices: [{ index: 0, delta: { content } }] })}\n\n`);
const streamHead = Buffer.from(head("text/event-stream; charset=utf-8", "transfer-encoding: chunked\r\n"));
const frames = Array.from({ length: FRAMES }, (_, index) => frame(index));
const event = (data) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const messageUsage = { input_tokens: 12, output_tokens: 1 };
// As many as of the chat, and the same words in them: the first says nothing yet, the last ones what they have to.
const messageFrames = [
  chunked(
    event({
      type: "message_start",
      message: { ...message, content: [], stop_reason: null, stop_sequence: null, usage: messageUsage },
    }) + event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
  ),
  ...Array.from({ length: FRAMES - 1 }, () =>
    chunked(event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: " word" } })),
  ),
];
const messageEnd = Buffer.concat([
  chunked(
    event({ type: "content_block_stop", index: 0 }) +
      event({
        type: "message_delta",
        delta: { stop_reason: "end_turn", stop_sequence: null },
        usage: { output_tokens: 20 },
      }) +
      event({ type: "message_stop" }),
  ),
  Buffer.from("0\r\n\r\n"),
]);
const streamEnd = Buffer.concat([chunked("data: [DONE]\n\n"), Buffer.from("0\r\n\r\n")]);

/** Each frame in a turn of its own, as a model would send it: readers see chunks, not one big piece. */
function stream(socket, frames, streamEnd) {
  stats.streams++;
  let next = 0;
  const step = () => {
    if (socket.destroyed) return;
    if (next === 0) socket.write(streamHead);
    stats.frames++;
    if (next === FRAMES) {
      socket.write(streamEnd);
      return;
    }
    socket.write(frames[next++]);
    setImmediate(step);
  };
  step();
}

/** A frame every PACE milliseconds, whose content is the time on the machine's clock, in microseconds. */
function pacedStream(socket) {
  socket.write(streamHead);
  let left = PACED_FRAMES;
  const timer = setInterval(() => {
    if (socket.destroyed) return clearInterval(timer);
    if (left-- > 0) {
      socket.write(pacedFrame(String(process.hrtime.bigint() / 1000n)));
      return;
    }
    clearInterval(timer);
    socket.write(streamEnd);
  }, PACE);
}

/** Who sends this much wants no stream; looking for that would hold up the others. */
const LARGE = 65_536;

function answerTo(socket, request, bodyStart) {
  if (request.subarray(0, 4).toString("latin1") === "GET ") {
    const text = JSON.stringify(stats);
    for (const name in stats) stats[name] = 0;
    socket.write(`${head("application/json", `content-length: ${text.length}\r\n`)}${text}`);
    return;
  }
  stats.requests++;
  const asMessage = request.indexOf(messagesPath) === 0;
  if (request.subarray(0, bodyStart).indexOf(asMessage ? plainKey : bearer) === -1) stats.wrongKeys++;
  if (request.length > LARGE || request.indexOf('"stream":true', bodyStart) === -1)
    socket.write(asMessage ? jsonMessage : jsonAnswer);
  else if (request.indexOf('"user":"paced"', bodyStart) !== -1) pacedStream(socket);
  else if (asMessage) stream(socket, messageFrames, messageEnd);
  else stream(socket, frames, streamEnd);
}

/** Length of the request at the beginning of `bytes` as [head, whole]; undefined while its head is incomplete. */
function lengths(bytes) {
  const end = bytes.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const length = /\r\ncontent-length: *(\d+)/i.exec(bytes.toString("latin1", 0, end));
  return [end + 4, end + 4 + Number(length?.[1] ?? 0)];
}

const server = createServer({ noDelay: true }, (socket) => {
  let held = [];
  let length = 0;
  let wanted = 0;
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    held.push(chunk);
    length += chunk.length;
    // A long body is put together once, not with each of its pieces.
    if (length < wanted) return;
    let bytes = held.length === 1 ? chunk : Buffer.concat(held, length);
    wanted = 0;
    for (;;) {
      const found = lengths(bytes);
      if (found === undefined) break;
      if (found[1] > bytes.length) {
        wanted = found[1];
        break;
      }
      answerTo(socket, bytes.subarray(0, found[1]), found[0]);
      bytes = bytes.subarray(found[1]);
    }
    held = bytes.length === 0 ? [] : [bytes];
    length = bytes.length;
  });
});
server.listen(port, "127.0.0.1", 1024);
