import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { freePort, type RunningProcess, temporaryFolder, waitFor } from "@gatewright/testkit";
import { type Answers, firstAnswers } from "./answers.ts";
import { bars, verdict } from "./bars.ts";
import { coldStartMilliseconds } from "./cold-start.ts";
import { type Contestant, enter } from "./contestant.ts";
import { bare, type Entrant, governed, referenceRelay, relay, upstreamKey } from "./entrant.ts";
import type { Figures } from "./figures.ts";
import { type MemoryGrowth, memoryGrowth } from "./memory.ts";
import { benchOptions, type PeerName } from "./options.ts";
import { envoy } from "./peers/envoy.ts";
import type { PeerContext } from "./peers/installed.ts";
import { litellm } from "./peers/litellm.ts";
import { portkey } from "./peers/portkey.ts";
import { type Memory, residentMegabytes } from "./process-figures.ts";
import { profileText } from "./profile-text.ts";
import { ignoredSettings, loadNode, pinLoad, pinned, start } from "./program.ts";
import { reportText } from "./report.ts";
import { type Measured, measure, phasesFor } from "./round.ts";
import { burdens, type Stall, stall } from "./stall.ts";
import { hasWrk } from "./wrk.ts";

/*
 * `npm run bench`: how much a gateway adds. The upstream itself, a thin relay (the ceiling), Gatewright's bundle, bare
 * and governed, and other gateways get the same load in turn, in an order that rotates from round to round, so that what
 * the machine does meanwhile falls on all of them. Figures are the middle of the rounds; ratios are taken within a round.
 * Exit code 1 for wrong results, never for slow ones unless --check asks for it.
 */

const options = benchOptions();
const say = (line: string): void => void process.stderr.write(`${line}\n`);
if (!existsSync(new URL("../dist/gatewright.mjs", import.meta.url))) {
  say("there is no dist/gatewright.mjs to measure: run `npm run build` first");
  process.exit(2);
}
const profiles = options.profile === undefined ? undefined : resolve(options.profile);
if (profiles !== undefined) await mkdir(profiles, { recursive: true });
pinLoad();
await using folder = await temporaryFolder();
const upstreamPort = await freePort();
const upstream = `http://127.0.0.1:${upstreamPort}`;
await using _upstream = start(
  loadNode([new URL("upstream.mjs", import.meta.url).pathname], {
    PORT: String(upstreamPort),
    KEY: upstreamKey,
  }),
);
const asked = {
  port: upstreamPort,
  headers: { authorization: `Bearer ${upstreamKey}` },
  model: "bench-model",
};
const known: Answers = await waitFor("the upstream", async () => firstAnswers(asked));
const direct: Contestant = { name: "direct", ...asked, answers: known };

/** Of whom it matters how long one request holds up the others. */
const stallNames = new Set(["direct", "relay", "gatewright", "governed", "envoy"]);

/** Who takes part, and who does not. */
const contestants: Contestant[] = [direct];
const leftOut: string[] = [];
const running = new Map<string, RunningProcess>();
await using ending = new AsyncDisposableStack();

for (const entrant of [
  relay(upstream),
  ...(options.referenceRelay === undefined ? [] : [referenceRelay(upstream, options.referenceRelay, folder)]),
  bare(upstream, profiles),
]) {
  contestants.push(await entered(entrant));
}
// The same process; the model has another name upstream, so request and answer are changed on their way.
const own = contestants.at(-1) ?? direct;
const alias = { ...own, name: "with an alias", model: "bench-alias" };
contestants.push({ ...alias, answers: await firstAnswers(alias, known) });
// And with Anthropic's wire upstream.
const translated = { ...own, name: "translated", model: "bench-translated" };
contestants.push({ ...translated, answers: await firstAnswers(translated, known) });
await mayEnter("governed", async () => governed(upstream, profiles));
const ignored = running.has("governed")
  ? await ignoredSettings(await governed(upstream).program(await freePort()))
  : [];
const context: PeerContext = { upstream, say, write: async (name, text) => folder.write(name, text) };
const peers: Record<PeerName, (context: PeerContext) => Promise<Entrant>> = { envoy, portkey, litellm };
for (const name of options.peers) await mayEnter(name, async () => peers[name](context));

const phases = phasesFor(options.requests);
const upstreamFrames = known.stream.frames;
const measured: Measured[] = [];
const stalls: Stall[] = [];
// Everybody's code is compiled before anybody is measured.
for (let round = 0; round <= options.rounds; round++) {
  say(round === 0 ? "warming up" : `round ${round} of ${options.rounds}`);
  const inTurn = contestants.map((_, place) => contestants[(place + round) % contestants.length] ?? direct);
  for (const phase of phases) {
    for (const contestant of inTurn) {
      const { seconds } = options;
      measured.push(await measure(contestant, phase, round, { upstreamPort, upstreamFrames, seconds }));
    }
  }
  for (const burden of burdens) {
    for (const contestant of inTurn.filter(({ name }) => stallNames.has(name))) {
      stalls.push(await stall(contestant, burden, round));
    }
  }
}
const memory: Record<string, Memory> = {};
for (const [name, { pid }] of running) {
  const found = residentMegabytes(pid);
  if (found !== undefined) memory[name] = found;
}
// From here on each has the machine for itself; and a profile is only written at the end of its process.
for (const process of running.values()) await process.stop(60_000);

const growth: MemoryGrowth[] = [];
for (const entrant of [relay(upstream), running.has("governed") ? governed(upstream) : bare(upstream)]) {
  say(`memory of ${entrant.name}: ${options.requests * 10} requests`);
  const fresh = await enter(entrant, known);
  await using _ending = fresh.process;
  const found = await memoryGrowth(fresh, options.requests * 10);
  if (found !== undefined) growth.push(found);
}
say("cold starts");
const figures: Figures = {
  machine: `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}`,
  pinned,
  generator: hasWrk ? `wrk, ${options.seconds} s each` : "the bench's own (wrk is not installed)",
  profiled: profiles !== undefined,
  rounds: options.rounds,
  phases,
  contestants: contestants.map(({ name }) => name),
  leftOut,
  ignored,
  measured: measured.filter(({ round }) => round > 0),
  stalls: stalls.filter(({ round }) => round > 0),
  memory,
  growth,
  coldStart: await coldStartMilliseconds(options.coldStarts),
};
process.stdout.write(`\n${reportText(figures)}`);
if (profiles !== undefined) {
  for (const name of ["gatewright", "governed"].filter((one) => running.has(one))) {
    process.stdout.write(`\n${name}: ${await profileText(join(profiles, `${name}.cpuprofile`))}`);
  }
}
if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(figures, undefined, 2)}\n`);

const wrong = [
  ...measured.map(({ contestant, phase, round, wrong: what }) => ({
    where: `${contestant}, ${phase}, round ${round}`,
    what,
  })),
  ...stalls.map(({ contestant, burden, round, wrong: what }) => ({
    where: `${contestant}, beside ${burden}, round ${round}`,
    what,
  })),
  ...growth.map(({ contestant, wrong: what }) => ({ where: `${contestant}, memory`, what })),
].filter(({ what }) => what.length > 0);
for (const { where, what } of wrong) process.stdout.write(`WRONG       ${where}: ${what.join("; ")}\n`);
const short = bars(figures).some((bar) => bar.kind === "ratio" && verdict(bar).verdict === "missed");
process.exitCode = wrong.length > 0 || (options.check && short) ? 1 : 0;

/** Starts an entrant, which runs until the rounds are over. */
async function entered(entrant: Entrant): Promise<Contestant> {
  say(`starting ${entrant.name}`);
  const contestant = await enter(entrant, known);
  running.set(entrant.name, ending.use(contestant.process));
  return contestant;
}

/** Starts one without which the bench is still one. */
async function mayEnter(name: string, entrant: () => Promise<Entrant>): Promise<void> {
  try {
    contestants.push(await entered(await entrant()));
  } catch (error) {
    const line = `${name}: ${error instanceof Error ? error.message : String(error)}`;
    leftOut.push(line);
    say(`left out: ${line}`);
  }
}
