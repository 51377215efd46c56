import { execFileSync } from "node:child_process";
import { createHash, createHmac, randomUUID } from "node:crypto";
import { mkdir, open, readdir, readlink, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { readinessDetail } from "@gatewright/litellm";
import {
  type FakeUpstream,
  freePort,
  startFakeUpstream,
  startProcess,
  temporaryFolder,
  waitFor,
} from "@gatewright/testkit";
import { expect, test } from "vitest";

const main = fileURLToPath(new URL("main.ts", import.meta.url));

function gateway(args: readonly string[], environment: { readonly [name: string]: string } = {}) {
  return startProcess(process.execPath, [main, "gateway", "--host", "127.0.0.1", ...args], {
    name: "gateway",
    environment: { LITELLM_MASTER_KEY: undefined, CONFIG_FILE_PATH: undefined, ...environment },
  });
}

/** Fills a volume as the kubelet does: a folder of its own behind the link `..data`, which is swapped in one step. */
async function mount(volume: string, files: { readonly [name: string]: string }): Promise<void> {
  await mkdir(volume, { recursive: true });
  const version = `..${randomUUID()}`;
  await mkdir(join(volume, version));
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(volume, version, name), text);
    // The kubelet writes first and swaps later: by the times of the files alone a swap cannot be seen.
    await utimes(join(volume, version, name), 1, 1);
  }
  const before = await readlink(join(volume, "..data")).catch(() => undefined);
  await symlink(version, join(volume, "..next"));
  await rename(join(volume, "..next"), join(volume, "..data"));
  for (const name of Object.keys(files))
    await symlink(join("..data", name), join(volume, name)).catch(() => {}); // There already.
  for (const entry of await readdir(volume, { withFileTypes: true }))
    if (entry.isSymbolicLink() && entry.name !== "..data" && files[entry.name] === undefined)
      await rm(join(volume, entry.name));
  if (before !== undefined) await rm(join(volume, before), { recursive: true });
}

/** The credentials of the last call that reached an upstream. */
function lastKey(upstream: FakeUpstream): string | undefined {
  return upstream.requests.at(-1)?.headers.authorization;
}

async function chat(port: number, model: string, key?: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] }),
  });
  await answer.text();
  return answer.status;
}

test("the langop container contract: model files, mounted Secrets, rotation, a redacted dump", async () => {
  await using provider = await startFakeUpstream();
  const model = (name: string): string =>
    JSON.stringify({
      provider: "openai-compatible",
      modelName: name,
      endpoint: provider.url,
      apiKeySecretRef: { name: "in-house.keys", key: "api-key" },
    });
  await using folder = await temporaryFolder({
    "models/model__llama.json": model("llama3.2"),
    "secrets/in-house.keys/api-key": "sk-first\n",
  });
  const port = await freePort();
  const places = ["--models", `${folder.path}/models`, "--secrets", `${folder.path}/secrets`];
  await using running = gateway([...places, "--port", String(port)], { DEBUG: "true" });
  await running.line(/gateway serves/);
  expect(running.stdout).toContain("model_name: llama3.2");
  expect(running.stdout + running.stderr).not.toContain("sk-first");

  expect(await chat(port, "llama3.2")).toBe(200);
  expect(lastKey(provider)).toBe("Bearer sk-first");
  await folder.replace("secrets/in-house.keys/api-key", "sk-second\n");
  await waitFor("the rotated key", async () => {
    await chat(port, "llama3.2");
    return lastKey(provider) === "Bearer sk-second";
  });
  await folder.write("models/model__qwen.json", model("qwen"));
  await waitFor("the new model", async () => (await chat(port, "qwen")) === 200);
  expect(await running.stop()).toEqual({ code: 0, signal: null });
});

test("LiteLLM's flags, CONFIG_FILE_PATH and secret files named like variables", async () => {
  await using provider = await startFakeUpstream();
  await using folder = await temporaryFolder({
    "config.yaml": `model_list:\n  - model_name: a\n    litellm_params: {model: openai/a, api_base: ${provider.url}, api_key: os.environ/TEAM_KEY}\n`,
    "secrets/TEAM_KEY": "sk-file\n",
  });
  const port = await freePort();
  await using running = gateway(
    ["--secrets", `${folder.path}/secrets`, "--port", String(port), "--num_workers", "4", "--detailed_debug"],
    { CONFIG_FILE_PATH: `${folder.path}/config.yaml` },
  );
  await running.line(/gateway serves/);
  await running.line(/more than one worker is not there yet/);
  expect(await chat(port, "a")).toBe(200);
  expect(lastKey(provider)).toBe("Bearer sk-file");

  await using health = startProcess(process.execPath, [main, "health", "--url", `http://127.0.0.1:${port}`]);
  expect(await health.exited).toEqual({ code: 0, signal: null });
  expect(JSON.parse(health.stdout)).toMatchObject({ status: "healthy" });
});

test("a document as the operator mounts it: Secrets that come, change, go and break, without a restart", async () => {
  await using provider = await startFakeUpstream();
  await using folder = await temporaryFolder();
  const model = (name: string, variable: string): string =>
    `  - model_name: ${name}\n    litellm_params: {model: openai/${name}, api_base: ${provider.url}, api_key: os.environ/${variable}}\n`;
  const config = `model_list:\n${model("one", "one_2fapi_2dkey")}${model("two", "two_2fapi_2dkey")}gatewright:\n  agent_keys: {secret: os.environ/LANGOP_GATEWAY_HMAC_SECRET}\n`;
  await mount(`${folder.path}/app`, { "config.yaml": config });
  const secrets = `${folder.path}/secrets`;
  const port = await freePort();
  await using running = gateway([
    ...["--config", `${folder.path}/app/config.yaml`],
    ...["--secrets", secrets, "--port", String(port)],
  ]);
  await running.line(/gateway serves/);
  const agentKey = (secret: string): string =>
    `sk-langop-a.${createHmac("sha256", secret).update("a").digest("hex").slice(0, 32)}`;
  const detail = async () => {
    const body = await (await fetch(`http://127.0.0.1:${port}/health/readiness`)).text();
    return readinessDetail(body);
  };

  // No Secret is there yet, not even its folder: closed, and said so. The digest is that of the delivered bytes.
  expect(await chat(port, "one", agentKey("hmac"))).toBe(401);
  expect(await detail()).toEqual({
    config_digest: createHash("sha256").update(config).digest("hex"),
    config_problems: [],
    config_warnings: [expect.stringContaining("LANGOP_GATEWAY_HMAC_SECRET")],
  });

  // The operator's Secret appears, with the key of one model; the other model alone is left out.
  await mount(secrets, { LANGOP_GATEWAY_HMAC_SECRET: "hmac", one_2fapi_2dkey: "sk-one\n" });
  await waitFor("agents are let in", async () => (await chat(port, "one", agentKey("hmac"))) === 200);
  expect(lastKey(provider)).toBe("Bearer sk-one");
  expect(await chat(port, "two", agentKey("hmac"))).not.toBe(200);
  expect((await detail())?.config_warnings).toEqual([]);

  // A Secret that is mounted on its own, as the dialect does.
  await mount(`${secrets}/two`, { "api-key": "sk-two" });
  await waitFor("the second model", async () => (await chat(port, "two", agentKey("hmac"))) === 200);
  expect(lastKey(provider)).toBe("Bearer sk-two");

  // Rotation of everything at once: old signatures stop, new keys go upstream.
  await mount(secrets, { LANGOP_GATEWAY_HMAC_SECRET: "hmac 2", one_2fapi_2dkey: "sk-one-2" });
  await waitFor("the new signatures", async () => (await chat(port, "one", agentKey("hmac 2"))) === 200);
  expect(lastKey(provider)).toBe("Bearer sk-one-2");
  expect(await chat(port, "one", agentKey("hmac"))).toBe(401);

  // A Secret that lost its key excludes its model, and a document that breaks changes nothing but what is told.
  await mount(secrets, { LANGOP_GATEWAY_HMAC_SECRET: "hmac 2" });
  await waitFor(
    "one model without its key",
    async () => (await chat(port, "one", agentKey("hmac 2"))) !== 200,
  );
  expect(await chat(port, "two", agentKey("hmac 2"))).toBe(200);
  await mount(`${folder.path}/app`, { "config.yaml": "model_list: [\n  api_key: sk-literal-secret\n" });
  const refused = await waitFor("the refusal", async () => {
    const told = await detail();
    return told !== undefined && told.config_problems.length > 0 && told;
  });
  expect(JSON.stringify(refused)).not.toContain("sk-literal-secret");
  expect(refused.config_digest).toBe(createHash("sha256").update(config).digest("hex"));
  expect(await chat(port, "two", agentKey("hmac 2"))).toBe(200);
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(metrics).toContain(`gatewright_config_info{digest="${refused.config_digest}"} 1`);
  expect(running.stdout + running.stderr).not.toMatch(/sk-one|sk-two|hmac 2|sk-literal-secret/);
});

test("what is written while the gateway starts is served too", async () => {
  await using folder = await temporaryFolder();
  const pipe = `${folder.path}/late.yaml`;
  execFileSync("mkfifo", [pipe]);
  await mount(`${folder.path}/app`, { "config.yaml": `model_list: []\ninclude: [${pipe}]\n` });
  const config = `${folder.path}/app/config.yaml`;
  const port = await freePort();
  await using running = gateway(["--config", config, "--port", String(port)]);
  // Opens when the gateway, which has read the file that includes it, has come to the pipe.
  const late = await open(pipe, "w");
  const text = "model_list: []\n# the next one\n";
  await mount(`${folder.path}/app`, { "config.yaml": text });
  // A start on a busy machine: longer than what counts as written while it was read.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await late.writeFile("model_list: []\n");
  await late.close();
  await running.line(/gateway serves/);
  await waitFor("the new document", async () => {
    const body = await (await fetch(`http://127.0.0.1:${port}/health/readiness`)).text();
    return readinessDetail(body)?.config_digest === createHash("sha256").update(text).digest("hex");
  });
});

test("a master key that cannot be found keeps the gateway from running open", async () => {
  await using folder = await temporaryFolder({
    "config.yaml": "model_list: []\ngeneral_settings: {master_key: os.environ/NOWHERE_KEY}\n",
  });
  await using running = gateway(["--config", `${folder.path}/config.yaml`, "--port", "0"]);
  expect(await running.exited).toEqual({ code: 1, signal: null });
  expect(running.stderr).toContain("NOWHERE_KEY");
});
