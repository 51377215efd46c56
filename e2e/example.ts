import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type FakeUpstream,
  freePort,
  type RunningProcess,
  startFakeUpstream,
  startTokenServer,
  temporaryFolder,
} from "@gatewright/testkit";
import { run, type Served, served } from "./bundle.ts";

/** An example folder served by `up`, with every upstream it names replaced by a fake one. */
export interface ServedExample extends AsyncDisposable {
  readonly gateways: readonly Served[];
  readonly upstream: FakeUpstream;
  readonly process: RunningProcess;
}

/**
 * Serves `examples/<name>`, which declares `count` gateways. Addresses written in its files lead to the fake upstream;
 * those that only the provider knows are redirected by the variables its users know.
 */
export async function serveExample(
  name: string,
  count: number,
  environment: { readonly [name: string]: string } = {},
): Promise<ServedExample> {
  await using stack = new AsyncDisposableStack();
  const upstream = stack.use(await startFakeUpstream());
  const folder = stack.use(await temporaryFolder());
  const tokens = await startTokenServer();
  stack.defer(async () => tokens.close());
  const copy = join(folder.path, name);
  await cp(fileURLToPath(new URL(`../examples/${name}`, import.meta.url)), copy, { recursive: true });
  await redirect(copy, upstream.url);
  const process = stack.use(
    run(["up", copy, "--port", String(await freePort(count)), "--data", join(folder.path, "data")], {
      environment: {
        OPENAI_API_BASE: `${upstream.url}/v1`,
        MISTRAL_API_BASE: `${upstream.url}/mistral/v1`,
        ANTHROPIC_API_BASE: upstream.url,
        GEMINI_API_BASE: upstream.url,
        VERTEXAI_API_BASE: upstream.url,
        AWS_BEDROCK_RUNTIME_ENDPOINT: upstream.url,
        GOOGLE_APPLICATION_CREDENTIALS: await folder.write("account.json", tokens.account),
        ...environment,
      },
    }),
  );
  const gateways = await served(process, count);
  const kept = stack.move();
  return { gateways, upstream, process, [Symbol.asyncDispose]: async () => kept.disposeAsync() };
}

/** Replaces the host of every http address in YAML and JSON files. */
async function redirect(folder: string, url: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(ya?ml|json)$/.test(entry.name)) continue;
    const file = join(entry.parentPath, entry.name);
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replaceAll(/https?:\/\/[a-z0-9.-]+(:\d+)?/g, url));
  }
}
