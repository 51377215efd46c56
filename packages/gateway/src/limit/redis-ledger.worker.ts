import process from "node:process";
import { RedisConnection } from "../redis/redis-connection.ts";
import type { Answer } from "./ledger.ts";
import { type LimitOptions, limitOf } from "./limit.ts";
import { LocalLedger } from "./local-ledger.ts";
import { RedisLedger } from "./redis-ledger.ts";

/** What the workers are to do together: replicas, in `redis-ledger.test.ts`. */
export interface Task {
  readonly options: Partial<LimitOptions> & { readonly id: string };
  /** How many requests each makes, and how many of them at once. */
  readonly requests: number;
  readonly atOnce: number;
}

/** Where, how many workers, and one task after the other. */
export interface Tasks {
  readonly port: number;
  readonly workers: number;
  readonly tasks: readonly Task[];
}

/** What came of a task: each request admitted, when it began and ended, and what it used. */
export type Admitted = readonly { readonly from: number; readonly to: number; readonly tokens: number }[];

const { port, workers, tasks } = JSON.parse(process.argv[2] ?? "") as Tasks;
const events = { up() {}, down() {}, failed() {} };
const redis = new RedisConnection(events);
const now = (): number => performance.now();
const after = (milliseconds: number, run: () => void): { cancel(): void } => {
  const timer = setTimeout(run, milliseconds).unref();
  return { cancel: () => clearTimeout(timer) };
};
const ledger = new RedisLedger(redis, new LocalLedger(now), { now, after, random: Math.random });
const ESTIMATE = 50;

async function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function epoch(): number {
  return performance.timeOrigin + performance.now();
}

async function send(command: string, ...args: string[]): Promise<unknown> {
  return new Promise((resolve) => redis.send(command, args, (_failure, answer) => resolve(answer)));
}

/** All begin in the same moment. */
async function together(name: string): Promise<void> {
  await send("INCR", name);
  while (Number(await send("GET", name)) < workers) await pause(2);
}

async function work({ options, requests, atOnce }: Task): Promise<Admitted> {
  const limit = limitOf({ name: options.id, subject: "gateway", value: "all", ...options });
  const limits = [limit === undefined ? [] : [limit]];
  const admitted: { from: number; to: number; tokens: number }[] = [];
  let left = requests;
  const one = async (): Promise<void> => {
    while (left-- > 0) {
      const answer = await new Promise<Answer>((answered) =>
        ledger.take({ limits, input: ESTIMATE, output: 0, answered }),
      );
      if (answer.kind !== "grant") continue;
      if (answer.lease === undefined) throw new Error("counted locally");
      const from = epoch();
      await pause(Math.random() * 4);
      const tokens = Math.floor(Math.random() * (ESTIMATE + 1));
      admitted.push({ from, to: epoch(), tokens });
      ledger.settle(answer, { input: tokens, output: 0 });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return admitted;
}

redis.configure({
  place: { kind: "server", host: "127.0.0.1", port },
  username: undefined,
  password: undefined,
  database: 0,
  tls: false,
  // One that a busy machine does not reach: a share counted locally would be a different test.
  timeoutMilliseconds: 20_000,
  prefix: "test",
});
while (!redis.healthy) await pause(5);
const results: Admitted[] = [];
for (const task of tasks) {
  await together(task.options.id);
  results.push(await work(task));
}
redis.close();
process.stdout.write(`${JSON.stringify(results)}\n`);
