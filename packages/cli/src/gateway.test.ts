import process from "node:process";
import { fileURLToPath } from "node:url";
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

/** The credentials of the last call that reached an upstream. */
function lastKey(upstream: FakeUpstream): string | undefined {
  return upstream.requests.at(-1)?.headers.authorization;
}

async function chat(port: number, model: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
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

test("a master key that cannot be found keeps the gateway from running open", async () => {
  await using folder = await temporaryFolder({
    "config.yaml": "model_list: []\ngeneral_settings: {master_key: os.environ/NOWHERE_KEY}\n",
  });
  await using running = gateway(["--config", `${folder.path}/config.yaml`, "--port", "0"]);
  expect(await running.exited).toEqual({ code: 1, signal: null });
  expect(running.stderr).toContain("NOWHERE_KEY");
});
