import { spawnSync } from "node:child_process";
import { startProcess } from "@gatewright/testkit";
import { type Load, type Question, questionBody, questionHeaders } from "./load.ts";

/** Whether the distribution's load generator is there. It is cheaper than ours, so that more is left for the upstream. */
export const hasWrk = spawnSync("wrk", ["--version"]).error === undefined;

const script = new URL("wrk.lua", import.meta.url).pathname;

/** Puts load on a contestant for some seconds. Looks at statuses only: bodies are compared by our own load. */
export async function wrk(question: Question, connections: number, seconds: number): Promise<Load> {
  const headers = Object.entries(questionHeaders(question)).map(([name, value]) => `${name}: ${value}`);
  const url = `http://127.0.0.1:${question.port}/v1/chat/completions`;
  await using running = startProcess(
    "wrk",
    ["-t", "1", "-c", String(connections), "-d", `${seconds}s`, "--timeout", "60s", "-s", script, url],
    { environment: { WRK_BODY: questionBody(question), WRK_HEADERS: headers.join("\n") } },
  );
  const { code } = await running.exited;
  const line = running.stderr.trim().split("\n").at(-1) ?? "";
  if (code !== 0 || !line.startsWith("{")) throw new Error(`wrk failed: ${running.stderr}${running.stdout}`);
  const found = JSON.parse(line) as WrkSummary;
  return {
    requests: found.requests,
    seconds: found.duration / 1e6,
    perSecond: found.requests / (found.duration / 1e6),
    p50: found.p50 / 1000,
    p99: found.p99 / 1000,
    firstByte: Number.NaN,
    framesIn: 0,
    wrong: [
      ...(found.refused > 0 ? [`${found.refused} answers with an error status`] : []),
      ...(found.broken > 0 ? [`${found.broken} broken connections or time-outs`] : []),
    ],
  };
}

/** What `wrk.lua` says. */
interface WrkSummary {
  readonly requests: number;
  readonly duration: number;
  readonly p50: number;
  readonly p99: number;
  readonly refused: number;
  readonly broken: number;
}
