import { appendFile, writeFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import {
  chatText,
  type FakeUpstream,
  readStream,
  startFakeUpstream,
  type TemporaryFolder,
  temporaryFolder,
  waitFor,
} from "@gatewright/testkit";
import { expect, test } from "vitest";
import { metric, type RunningGateway, readiness, serve } from "./bundle.ts";

const KEY = "sk-reload";
const FRAMES = 30;

/**
 * A document whose every part names its version: the model, the key, a parameter. An answer that mixes two versions
 * was made from something that no file ever said.
 */
function versionText(version: number, upstream: FakeUpstream): string {
  return `# version ${version}
model_list:
  - model_name: chat
    litellm_params:
      model: openai/v${version}
      api_base: "${upstream.url}/base-${version}/v1"
      api_key: "key-${version}"
      seed: ${version}
${Array.from({ length: 20 }, (_, index) => `  - {model_name: other-${index}, litellm_params: {model: openai/v${version}, api_base: "${upstream.url}"}}`).join("\n")}
general_settings:
  master_key: "${KEY}"
`;
}

/** One streamed chat: the text it came to, and whether all of it came. */
async function chat(url: string, model = "chat"): Promise<{ status: number; text: string; whole: boolean }> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "hello" }], stream: true }),
  });
  if (response.body === null || response.status !== 200) {
    return { status: response.status, text: await response.text(), whole: false };
  }
  const { broken, done, frames } = await readStream(response.body);
  return { status: 200, text: chatText(frames), whole: done && broken === undefined };
}

/** The version that a new request is answered by. */
async function servedVersion(url: string): Promise<string | undefined> {
  return /^v\d+/.exec((await chat(url)).text)?.[0];
}

/** As editors and people write: moved into place, or in place in one or in two goes with a broken file in between. */
async function edit(folder: TemporaryFolder, round: number, text: string): Promise<void> {
  if (round % 3 === 0) {
    await folder.replace("config.yaml", text);
  } else if (round % 3 === 1) {
    await folder.write("config.yaml", text);
  } else {
    // The cut is inside a quoted text: what stands there until the rest comes is not YAML.
    const cut = text.lastIndexOf(KEY) + 3;
    const file = await folder.write("config.yaml", text.slice(0, cut));
    await wait(100);
    await appendFile(file, text.slice(cut));
  }
}

async function gatewayWithUpstream(stack: AsyncDisposableStack): Promise<{
  readonly folder: TemporaryFolder;
  readonly upstream: FakeUpstream;
  readonly gateway: RunningGateway;
}> {
  const upstream = stack.use(await startFakeUpstream());
  const folder = stack.use(await temporaryFolder());
  const gateway = stack.use(await serve(folder, versionText(0, upstream)));
  return { folder, upstream, gateway };
}

test("200 open streams outlive twenty edits, and each is of one version", { timeout: 180_000 }, async () => {
  await using stack = new AsyncDisposableStack();
  const { folder, gateway, upstream } = await gatewayWithUpstream(stack);
  upstream.script = { default: { frames: FRAMES, interval: { from: 20, to: 160 } } };
  let editing = true;
  const answers: Awaited<ReturnType<typeof chat>>[] = [];
  const client = async (): Promise<void> => {
    while (editing) {
      answers.push(await chat(gateway.url));
    }
  };
  // Some more than 200: a client is between two streams now and then.
  const clients = Promise.all(Array.from({ length: 210 }, client));

  for (let version = 1; version <= 20; version++) {
    await waitFor("200 open streams", () => upstream.stats.openStreams >= 200);
    await edit(folder, version, versionText(version, upstream));
    const asked = upstream.requests.length;
    await Promise.all([
      wait(1000),
      waitFor(`version ${version} at the upstream`, () =>
        upstream.requests.slice(asked).some(({ model }) => model === `v${version}`),
      ),
    ]);
  }
  editing = false;
  await clients;

  expect(answers.length).toBeGreaterThan(400);
  expect(answers.filter(({ whole }) => !whole)).toEqual([]);
  const rest = Array.from({ length: FRAMES - 1 }, (_, index) => ` ${index + 1}`).join("");
  const versions = new Set(answers.map(({ text }) => Number(/^v(\d+) /.exec(text)?.[1])));
  for (const version of versions) expect(version).toBeLessThanOrEqual(20);
  expect(answers.filter(({ text }) => text.replace(/^v\d+/, "") !== rest)).toEqual([]);
  // Name, key, address and parameter of one request are always of one version.
  for (const { body, key, model, path } of upstream.requests) {
    const version = Number(model.slice(1));
    expect({ key, path, seed: (body as { seed?: unknown }).seed }).toEqual({
      key: `key-${version}`,
      path: `/base-${version}/v1/chat/completions`,
      seed: version,
    });
  }
  expect(upstream.stats.aborted).toBe(0);
  // Streams that were open when the next version came went on to their end on their own.
  const firstAsked = new Map<string, number>();
  for (const { model, startedAt } of upstream.requests)
    firstAsked.set(model, Math.min(startedAt, firstAsked.get(model) ?? startedAt));
  const outlived = upstream.requests.filter(({ endedAt = 0, model }) => {
    const next = firstAsked.get(`v${Number(model.slice(1)) + 1}`);
    return next !== undefined && endedAt > next;
  });
  expect(outlived.length).toBeGreaterThan(1000);
  expect(await servedVersion(gateway.url)).toBe("v20");
});

test("a broken edit keeps the last good one and says so, until it is repaired", async () => {
  await using stack = new AsyncDisposableStack();
  const { folder, gateway, upstream } = await gatewayWithUpstream(stack);
  const before = await readiness(gateway.url);
  expect(before).toMatchObject({ status: 200, config_problems: [] });
  expect(await metric(gateway.url, "gatewright_config_last_reload_successful")).toBe(1);

  const broken = [
    { text: 'model_list: [{model_name: "chat', names: /config\.yaml/ },
    { text: "model_list: 7\n", names: /model_list/ },
    { text: "", names: /config\.yaml/ },
    {
      text: `${versionText(1, upstream)}  allowed_ips: ["10.0.0.1"]\n`, // a protection this engine lacks
      names: /allowed_ips/,
    },
  ];
  for (const { names, text } of broken) {
    const failures = (await metric(gateway.url, "gatewright_config_reload_failures_total")) ?? 0;
    await folder.write("config.yaml", text);
    await waitFor(
      `the refusal of ${JSON.stringify(text.slice(-40))}`,
      async () => ((await metric(gateway.url, "gatewright_config_reload_failures_total")) ?? 0) > failures,
    );
    const after = await readiness(gateway.url);
    expect(after).toMatchObject({ status: 200, config_digest: before.config_digest });
    expect(after.config_problems.join("\n")).toMatch(names);
    expect(await metric(gateway.url, "gatewright_config_last_reload_successful")).toBe(0);
    expect(await servedVersion(gateway.url)).toBe("v0");
  }
  expect(gateway.process.stderr).toContain("configuration refused");
  expect(gateway.process.stderr).not.toContain("key-0");

  await folder.write("config.yaml", versionText(1, upstream));
  await waitFor("the repair", async () => (await servedVersion(gateway.url)) === "v1");
  const repaired = await readiness(gateway.url);
  expect(repaired.config_problems).toEqual([]);
  expect(repaired.config_digest).not.toBe(before.config_digest);
  expect(await metric(gateway.url, "gatewright_config_last_reload_successful")).toBe(1);
});

test("a file that goes away is a broken edit", async () => {
  await using stack = new AsyncDisposableStack();
  const { folder, gateway, upstream } = await gatewayWithUpstream(stack);
  await folder.remove();
  await waitFor("the refusal", async () => (await readiness(gateway.url)).config_problems.length > 0);
  expect(await servedVersion(gateway.url)).toBe("v0");
  await folder.write("config.yaml", versionText(2, upstream));
  await waitFor("the new file", async () => (await servedVersion(gateway.url)) === "v2");
});

test("a rotated secret is used by new requests; an open stream keeps its own", async () => {
  await using upstream = await startFakeUpstream({ script: { default: { stallAtFrame: 1 } } });
  await using folder = await temporaryFolder({ "secrets/UPSTREAM_KEY": "first-key\n" });
  const config = (more: string): string =>
    `model_list:\n  - model_name: chat\n    litellm_params: {model: openai/m, api_base: "${upstream.url}", api_key: os.environ/UPSTREAM_KEY}\n${more}general_settings: {master_key: ${KEY}}\n`;
  await using gateway = await serve(folder, config(""));
  const leaving = new AbortController();
  const open = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${KEY}` },
    body: JSON.stringify({ model: "chat", messages: [{ role: "user", content: "hi" }], stream: true }),
    signal: leaving.signal,
  });
  expect(open.status).toBe(200);
  upstream.script = { acceptedKeys: ["second-key"] };
  expect((await chat(gateway.url)).status).toBe(401);

  await writeFile(`${folder.path}/secrets/UPSTREAM_KEY`, "second-key\n");
  await waitFor("the new key", async () => (await chat(gateway.url)).whole);
  expect(upstream.requests[0]).toMatchObject({ key: "first-key", state: "open" });
  leaving.abort();
  await waitFor("the abort", () => upstream.requests[0]?.state === "aborted");
  expect(gateway.process.stderr).not.toMatch(/first-key|second-key/);
});
