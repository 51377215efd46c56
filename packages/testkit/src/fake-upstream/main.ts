import process from "node:process";
import { parseArgs } from "node:util";
import { startFakeUpstream } from "./fake-upstream.ts";

/** `node packages/testkit/src/fake-upstream/main.ts --port N`: a fake upstream until SIGTERM or SIGINT. */
const { values } = parseArgs({ options: { port: { type: "string", default: "0" } } });
const upstream = await startFakeUpstream({ port: Number(values.port) });
process.stdout.write(`fake upstream on ${upstream.url}\n`);
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void upstream.close());
