import { createServer, type Socket } from "node:net";
import process from "node:process";

/*
 * An upstream of streams at a steady pace, as a process of its own: bytes straight onto the sockets, because a thousand
 * streams of fifty frames a second are to be no work for it. Environment: PORT, STREAMS, FRAMES, INTERVAL (milliseconds).
 * It starts sending when STREAMS streams are open, spread over the interval, and each frame has the stream's name (what
 * the request says in `user`) and its own number.
 */

const port = Number(process.env["PORT"]);
const streams = Number(process.env["STREAMS"]);
const frames = Number(process.env["FRAMES"]);
const interval = Number(process.env["INTERVAL"]);

interface Stream {
  readonly socket: Socket;
  readonly name: string;
  sent: number;
}

const head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

function sendFrame(stream: Stream): void {
  if (stream.sent === frames) {
    stream.sent++;
    stream.socket.write(`${chunk("data: [DONE]\n\n")}0\r\n\r\n`);
    return;
  }
  const delta = { content: String(stream.sent++) };
  const frame = {
    id: stream.name,
    object: "chat.completion.chunk",
    model: "m",
    choices: [{ index: 0, delta }],
  };
  stream.socket.write(chunk(`data: ${JSON.stringify(frame)}\n\n`));
}

let open: Stream[] = [];

/** Sends what is due until all have had everything; who is late catches up. */
function play(playing: readonly Stream[]): void {
  const startedAt = performance.now();
  const last = playing.length * (frames + 1);
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(last, Math.floor(((performance.now() - startedAt) / interval) * playing.length));
    for (; sent < due; sent++) {
      const stream = playing[sent % playing.length];
      if (stream !== undefined && !stream.socket.destroyed) sendFrame(stream);
    }
    if (sent === last) clearInterval(timer);
  }, 1);
}

const server = createServer({ noDelay: true }, (socket) => {
  let text = "";
  socket.on("error", () => socket.destroy());
  socket.on("data", (bytes) => {
    text += bytes.toString("latin1");
    const name = /"user":"([^"]+)"/.exec(text)?.[1];
    if (name === undefined) return;
    text = "";
    socket.write(head);
    open.push({ socket, name, sent: 0 });
    if (open.length < streams) return;
    const playing = open;
    open = [];
    play(playing);
  });
});
server.listen(port, "127.0.0.1", 4096, () => process.stdout.write("steady\n"));
