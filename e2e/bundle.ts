import process from "node:process";
import { fileURLToPath } from "node:url";
import {
  freePort,
  type RunningProcess,
  startProcess,
  type TemporaryFolder,
  waitFor,
} from "@gatewright/testkit";

/** The program. */
export const bundle = fileURLToPath(new URL("../dist/gatewright.mjs", import.meta.url));

/** Variables of the machine that must not decide what a test sees: keys and addresses of providers, LiteLLM's own. */
function withoutProviders(): { [name: string]: undefined } {
  const names = Object.keys(process.env).filter((name) =>
    /_API_KEY$|_API_BASE$|_BASE_URL$|^LITELLM_|^CONFIG_FILE_PATH$|^DEBUG$|_PROXY$|_proxy$/.test(name),
  );
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

/** How to run a command of the bundle. */
export interface RunOptions {
  readonly environment?: { readonly [name: string]: string };
  /** Further arguments of a gateway. */
  readonly args?: readonly string[];
}

/** Runs the bundle as a process of its own, in a bare environment. */
export function run(args: readonly string[], options: RunOptions = {}): RunningProcess {
  return startProcess(process.execPath, [bundle, ...args], {
    name: `gatewright ${args[0] ?? ""}`,
    environment: { ...withoutProviders(), ...options.environment },
  });
}

/** A gateway that answers. */
export interface Served {
  /** Without a path. */
  readonly url: string;
  readonly port: number;
  /** What a client has to send; undefined when it is open. */
  readonly key: string | undefined;
}

/** One gateway of the bundle's `gateway` command. */
export interface RunningGateway extends Served, AsyncDisposable {
  readonly process: RunningProcess;
}

/** Serves `config.yaml` of the folder, with secrets from its folder `secrets`. */
export async function serve(
  folder: TemporaryFolder,
  config: string,
  options: RunOptions = {},
): Promise<RunningGateway> {
  const port = await freePort();
  const file = await folder.write("config.yaml", config);
  const running = run(
    [
      "gateway",
      ...["--config", file, "--secrets", `${folder.path}/secrets`],
      ...["--host", "127.0.0.1", "--port", String(port)],
      ...(options.args ?? []),
    ],
    options,
  );
  await running.line(/gateway serves/);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    key: undefined,
    process: running,
    [Symbol.asyncDispose]: async () => void (await running.stop()),
  };
}

/** The gateways that `up` prints, in its order. */
export async function served(up: RunningProcess, count: number): Promise<readonly Served[]> {
  return waitFor(
    `${count} gateways`,
    () => {
      const found = printed(up.stdout);
      return found.length === count ? found : undefined;
    },
    { detail: () => `${up.stdout}\n${up.stderr}` },
  );
}

function printed(text: string): readonly Served[] {
  return [...text.matchAll(/^ {2}base URL +(http:\/\/127\.0\.0\.1:(\d+))\/v1\n {2}key +(\S+)/gm)].map(
    ([, url = "", port, key = ""]) => ({
      url,
      port: Number(port),
      key: key === "any" ? undefined : key,
    }),
  );
}

/** What `/health/readiness` says. */
export interface Readiness {
  readonly status: number;
  readonly config_digest: string;
  readonly config_problems: readonly string[];
}

export async function readiness(url: string): Promise<Readiness> {
  const response = await fetch(`${url}/health/readiness`);
  return { ...((await response.json()) as Readiness), status: response.status };
}

/** The value of a metric without labels, or with exactly the given label text; undefined when it is not there. */
export async function metric(url: string, name: string): Promise<number | undefined> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split("\n").find((one) => one.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}
