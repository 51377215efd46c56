import { existsSync, globSync, statSync } from "node:fs";
import { request } from "node:http";
import process from "node:process";
import { freePort, type KubernetesAccess, type RunningProcess, startProcess } from "@gatewright/testkit";
import { cpuSeconds } from "../process-figures.ts";

const root = new URL("../..", import.meta.url).pathname;

/** What is started: the bundle when it is not older than any source, else the sources. */
export function operatorProgram(given: string | undefined): string {
  if (given !== undefined) return given;
  const bundle = `${root}dist/gatewright.mjs`;
  const sources = globSync(`${root}packages/*/src/**/*.ts`).filter((path) => !path.endsWith(".test.ts"));
  const newest = Math.max(...sources.map((path) => statSync(path).mtimeMs));
  if (existsSync(bundle) && statSync(bundle).mtimeMs >= newest) return bundle;
  process.stderr.write(
    "dist/ is older than the sources: measuring the sources (run `npm run build` first)\n",
  );
  return `${root}packages/cli/src/main.ts`;
}

/** An operator as installed, in a process of its own, that has done its first pass. */
export interface OperatorProcess extends AsyncDisposable {
  readonly process: RunningProcess;
  /** Milliseconds from starting the process to the end of the first pass of any controller. */
  readonly firstPass: number;
  /** Milliseconds of CPU until then; NaN where the system does not tell. */
  readonly firstPassCpu: number;
  /** To the end of the first pass over a LanguageCluster. */
  readonly firstCluster: number;
  /** A value of its metrics: the sum over the series whose labels hold all of these texts. */
  metric(name: string, ...labels: readonly string[]): Promise<number>;
  /** Resolves when no key waits or is worked on, and has not been for a while. */
  idle(): Promise<void>;
}

/** With a lease and without the webhook, whose configuration only an installation brings. */
export async function startOperatorProcess(
  kubernetes: Pick<KubernetesAccess, "kubeconfig">,
  options: {
    readonly program: string;
    readonly profile?: string;
    /** False where there is nothing to pass over: then it only has to answer. */
    readonly waits?: boolean;
  },
): Promise<OperatorProcess> {
  const port = await freePort();
  const profiling = options.profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${options.profile}`];
  const startedAt = performance.now();
  const running = startProcess(
    process.execPath,
    [
      ...profiling,
      options.program,
      "operator",
      "--kubeconfig",
      kubernetes.kubeconfig,
      "--leader-elect",
      "--leader-election-namespace",
      "default",
      "--health-probe-bind-address",
      "0",
      "--metrics-bind-address",
      `127.0.0.1:${port}`,
      "--disable-webhooks",
    ],
    // As the install files have it.
    { name: "operator", environment: { NODE_OPTIONS: "--max-semi-space-size=4" } },
  );
  let ended = false;
  void running.exited.then(() => {
    ended = true;
  });
  const metric = async (name: string, ...labels: readonly string[]): Promise<number> =>
    sumOf(await scrape(port), name, labels);
  const reached = async (controller: string): Promise<number> => {
    for (;;) {
      if (ended) throw new Error(`the operator ended before its first pass\n${running.stderr}`);
      const passes = await metric("controller_runtime_reconcile_total", controller).catch(() => undefined);
      const passed = performance.now() - startedAt;
      if (passes !== undefined && (passes > 0 || options.waits === false)) return passed;
      if (passed > LONGEST_MILLISECONDS) throw new Error(`no pass within 120 s\n${running.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
    }
  };
  const firstPass = await reached("");
  const firstPassCpu = (cpuSeconds(running.pid) ?? Number.NaN) * 1000;
  const firstCluster = await reached('controller="languagecluster"');
  return {
    process: running,
    firstPass,
    firstPassCpu,
    firstCluster,
    metric,
    async idle() {
      let quietSince = performance.now();
      let passes = -1;
      while (performance.now() - quietSince < QUIET_MILLISECONDS) {
        const text = await scrape(port);
        const busy = sumOf(text, "workqueue_depth") + sumOf(text, "controller_runtime_active_workers");
        const now = sumOf(text, "controller_runtime_reconcile_total");
        if (busy > 0 || now !== passes) quietSince = performance.now();
        passes = now;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    async [Symbol.asyncDispose]() {
      await running.stop(20_000);
    },
  };
}

const LOOK_MILLISECONDS = 25;
const LONGEST_MILLISECONDS = 120_000;
const QUIET_MILLISECONDS = 2_500;

function sumOf(text: string, name: string, labels: readonly string[] = []): number {
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

async function scrape(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: "127.0.0.1", port, path: "/metrics" }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part) => {
        text += part;
      });
      answer.on("end", () => resolve(text));
      answer.on("error", reject);
    });
    asking.on("error", reject);
    asking.end();
  });
}
