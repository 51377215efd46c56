import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import process from "node:process";
import { freePort, temporaryFolder } from "@gatewright/testkit";
import { coldStartMilliseconds } from "./cold-start.ts";
import {
  answering,
  type Contestant,
  clientKey,
  loadCore,
  pinLoad,
  pinned,
  startGateway,
  startOn,
  startRelay,
  upstreamKey,
} from "./contestant.ts";
import type { Expected } from "./load.ts";
import { benchOptions } from "./options.ts";
import { type Memory, residentMegabytes } from "./process-figures.ts";
import { reportText } from "./report.ts";
import { type Measured, measure, phasesFor } from "./round.ts";

/*
 * `npm run bench`: how much a gateway adds. The upstream itself, a thin relay (the ceiling) and Gatewright's bundle get
 * the same load in turn, in an order that rotates from round to round, so that what the machine does meanwhile falls on
 * all of them. Figures are the middle of the rounds; ratios are taken within a round.
 * Exit code 1 for wrong results, never for slow ones.
 */

const options = benchOptions();
if (!existsSync(new URL("../dist/gatewright.mjs", import.meta.url))) {
  process.stderr.write("there is no dist/gatewright.mjs to measure: run `npm run build` first\n");
  process.exit(2);
}
pinLoad();
await using folder = await temporaryFolder();
const upstreamPort = await freePort();
const upstreamUrl = `http://127.0.0.1:${upstreamPort}`;
await using upstream = startOn(loadCore, [new URL("upstream.mjs", import.meta.url).pathname], {
  PORT: String(upstreamPort),
  KEY: upstreamKey,
});
const relayPort = await freePort();
await using relay = await startRelay(
  new URL("relay.mjs", import.meta.url).pathname,
  relayPort,
  upstreamUrl,
  folder,
);
const gatewayPort = await freePort();
await using gateway = startGateway(gatewayPort, upstreamUrl);
await using ending = new AsyncDisposableStack();

const client = { key: clientKey, model: "bench-model" };
const direct: Contestant = { name: "direct", port: upstreamPort, key: upstreamKey, model: "bench-model" };
const contestants: Contestant[] = [
  direct,
  { name: "relay", port: relayPort, process: relay, ...client },
  { name: "gatewright", port: gatewayPort, process: gateway, ...client },
  // The same process; the model has another name upstream, so request and answer are changed on their way.
  { name: "with an alias", port: gatewayPort, process: gateway, key: clientKey, model: "bench-alias" },
];
if (options.referenceRelay !== undefined) {
  const port = await freePort();
  const reference = ending.use(await startRelay(options.referenceRelay, port, upstreamUrl, folder));
  contestants.splice(2, 0, { name: "reference", port, process: reference, ...client });
}
process.stderr.write(`starting: ${contestants.map(({ name }) => name).join(", ")}\n`);
for (const contestant of [{ ...direct, process: upstream }, ...contestants.slice(1)])
  await answering(contestant);

const upstreamJson = await upstreamAnswer(false);
const upstreamStream = await upstreamAnswer(true);
const phases = phasesFor(options.requests);
const measured: Measured[] = [];
// Everybody's code is compiled before anybody is measured.
for (let round = 0; round <= options.rounds; round++) {
  process.stderr.write(round === 0 ? "warming up\n" : `round ${round} of ${options.rounds}\n`);
  for (const phase of phases) {
    for (let place = 0; place < contestants.length; place++) {
      const contestant = contestants[(place + round) % contestants.length] ?? direct;
      const one = await measure(contestant, phase, round, expectedOf(contestant, phase.stream), upstreamPort);
      measured.push(one);
    }
  }
}
const memory: Record<string, Memory> = {};
for (const { name, process: running } of contestants) {
  // A contestant that only asks differently shares the process of the one before.
  if (running === undefined || contestants.find((one) => one.process === running)?.name !== name) continue;
  const found = residentMegabytes(running.pid);
  if (found !== undefined) memory[name] = found;
}
process.stderr.write("cold starts\n");
const figures = {
  machine: `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}`,
  pinned,
  rounds: options.rounds,
  phases,
  contestants: contestants.map(({ name }) => name),
  measured: measured.filter(({ round }) => round > 0),
  memory,
  coldStart: await coldStartMilliseconds(options.coldStarts),
};
process.stdout.write(`\n${reportText(figures)}`);
if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(figures, undefined, 2)}\n`);

const wrong = measured.filter((one) => one.wrong.length > 0);
for (const { contestant, phase, round, wrong: what } of wrong) {
  process.stdout.write(`WRONG       ${contestant}, ${phase}, round ${round}: ${what.join("; ")}\n`);
}
process.exitCode = wrong.length > 0 ? 1 : 0;

/** What every answer has to be: the upstream's, with the name the client used. */
function expectedOf(contestant: Contestant, stream: boolean): Expected {
  const known = stream ? upstreamStream : upstreamJson;
  const longer = contestant.model.length - direct.model.length;
  // Every frame but [DONE] carries the name; a JSON answer once.
  return { ...known, length: known.length + longer * (stream ? known.frames - 1 : 1) };
}

async function upstreamAnswer(stream: boolean): Promise<Expected> {
  const response = await fetch(`${upstreamUrl}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${upstreamKey}` },
    body: JSON.stringify({ model: "bench-model", ...(stream ? { stream } : {}) }),
  });
  const text = await response.text();
  const frames = stream ? text.split("\n\n").length - 1 : 0;
  return { status: response.status, length: Buffer.byteLength(text), frames };
}
