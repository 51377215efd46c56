import process from "node:process";
import type { Answer, Grant } from "../packages/gateway/src/limit/ledger.ts";
import { type Limit, limitOf } from "../packages/gateway/src/limit/limit.ts";
import { LocalLedger } from "../packages/gateway/src/limit/local-ledger.ts";

/*
 * What limits cost a request in memory: `node bench/limit.ts`. Three limits of three counters each, taken and settled:
 * the median CPU time of several rounds.
 */

const ROUNDS = 15;
const REQUESTS = 200_000;

/** Never reached. */
const MUCH = 1e9;

function threeLimits(algorithm: "fixed-window" | "gcra"): Limit[] {
  return (["model_group", "api_key", "team"] as const).flatMap((subject) => {
    const counters = { requests: MUCH, tokens: 1_000 * MUCH, parallel: MUCH, algorithm };
    return limitOf({ id: subject, name: subject, subject, value: subject, ...counters }) ?? [];
  });
}

class Request {
  readonly limits: readonly (readonly Limit[])[];
  readonly input = 100;
  readonly output = 400;
  grant: Grant | undefined;

  constructor(limits: readonly (readonly Limit[])[]) {
    this.limits = limits;
  }

  answered(answer: Answer): void {
    if (answer.kind !== "grant") throw new Error("the bench is about requests that pass");
    this.grant = answer;
  }
}

for (const algorithm of ["fixed-window", "gcra"] as const) {
  const ledger = new LocalLedger(() => performance.now());
  const [model, ...caller] = threeLimits(algorithm);
  const limits = [model === undefined ? [] : [model], caller];
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const begun = process.cpuUsage();
    for (let index = 0; index < REQUESTS; index++) {
      const request = new Request(limits);
      ledger.take(request);
      if (request.grant !== undefined) ledger.settle(request.grant, { input: 100, output: 200 });
    }
    const { user, system } = process.cpuUsage(begun);
    rounds.push((user + system) / REQUESTS);
  }
  const median = rounds.sort((one, other) => one - other)[ROUNDS >> 1] ?? 0;
  process.stdout.write(
    `limits, ${algorithm}: ${median.toFixed(2)} µs of CPU to take and settle 3 limits (${rounds[0]?.toFixed(2)} at best)\n`,
  );
}
