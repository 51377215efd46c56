import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { freePort, startProcess, temporaryFolder, waitFor } from "@gatewright/testkit";
import { describe, expect, test } from "vitest";

const main = fileURLToPath(new URL("main.ts", import.meta.url));
const quickstart = fileURLToPath(new URL("../../../examples/quickstart", import.meta.url));

/** `gatewright up` with a data folder of its own; `folder` is where it runs. */
function up(args: readonly string[], folder: string, environment: { readonly [name: string]: string } = {}) {
  return startProcess(process.execPath, [main, "up", ...args], {
    name: "up",
    folder,
    environment: {
      LITELLM_MASTER_KEY: undefined,
      OPENAI_API_KEY: undefined,
      XDG_STATE_HOME: join(folder, "state"),
      ...environment,
    },
  });
}

const config = (name: string): string =>
  `model_list:\n  - model_name: ${name}\n    litellm_params: {model: openai/x, mock_response: hi}\n`;

/** The names a gateway lists; empty when it does not answer. */
async function models(port: number): Promise<readonly string[]> {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/models`).catch(() => undefined);
  if (answer?.ok !== true) return [];
  const { data } = (await answer.json()) as { readonly data: readonly { readonly id: string }[] };
  return data.map(({ id }) => id);
}

async function ready(port: number): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}/health/readiness`)).text();
}

describe("up", () => {
  test("examples/quickstart answers the curl line it prints, and nobody without the key", async () => {
    await using folder = await temporaryFolder();
    await using gateway = up([quickstart, "--port", "0"], folder.path);
    const [curl] = await gateway.line(/curl .*/);
    const answer = spawnSync("sh", ["-c", `${curl} -s`], { encoding: "utf8" });
    expect(JSON.parse(answer.stdout)).toMatchObject({
      model: "hello",
      choices: [{ message: { content: expect.stringContaining("Hello!") } }],
    });
    const [, url] = await gateway.line(/base URL {2}(\S+)/);
    expect((await fetch(`${url}/models`)).status).toBe(401);
    expect(gateway.stdout).toMatch(/gpt-4o-mini +cannot be served: .*OPENAI_API_KEY/);
    const [, kept = ""] = await gateway.line(/key {7}sk-\w+ \(kept in (\S+)\)/);
    expect(kept.startsWith(join(folder.path, "state/gatewright/secrets/"))).toBe(true);
    expect(statSync(kept).mode & 0o777).toBe(0o600);
    expect(await gateway.stop()).toEqual({ code: 0, signal: null });
  });

  test("a key from the environment is not printed, and opens the gateway", async () => {
    await using folder = await temporaryFolder();
    const key = { LITELLM_MASTER_KEY: "sk-from-outside" };
    await using gateway = up([quickstart, "--port", "0"], folder.path, key);
    const [curl] = await gateway.line(/curl .*/);
    const answer = spawnSync("sh", ["-c", `${curl} -s -o /dev/null -w '%{http_code}'`], {
      encoding: "utf8",
      env: { ...process.env, ...key },
    });
    expect(answer.stdout).toBe("200");
    expect(gateway.stdout + gateway.stderr).not.toContain("sk-from-outside");
  });

  test("edits apply; a broken one keeps what was served and says why; the repair clears it", async () => {
    await using folder = await temporaryFolder({ "config.yaml": config("one") });
    const port = await freePort();
    await using gateway = up(["config.yaml", "--port", String(port)], folder.path);
    await gateway.line(/base URL/);
    expect(await models(port)).toEqual(["one"]);
    await folder.write("config.yaml", config("two"));
    await waitFor("the new name", async () => (await models(port)).includes("two"));
    await folder.write("config.yaml", "model_list: [\n");
    await gateway.line(/config\.yaml:\d/);
    await waitFor("readiness to say so", async () => (await ready(port)).includes("config.yaml"));
    expect(await models(port)).toEqual(["two"]);
    await folder.replace("config.yaml", config("three"));
    await waitFor("the repaired file", async () => (await models(port)).includes("three"));
    expect(await ready(port)).not.toContain("config.yaml");
  });

  test("gateways come and go with the files that declare them", async () => {
    await using folder = await temporaryFolder({ "a.yaml": config("a") });
    const port = await freePort(2);
    await using gateway = up(["--port", String(port)], folder.path);
    await gateway.line(/base URL/);
    expect(await models(port)).toEqual(["a"]);
    await folder.write("b.yaml", config("b"));
    await waitFor("the second gateway", async () => (await models(port + 1)).includes("b"));
    await folder.write("a.yaml", "# nothing\n");
    await waitFor("the first one to end", async () => (await models(port)).length === 0);
    expect(await models(port + 1)).toEqual(["b"]);
  });

  test("a gateway that must not be served does not keep the others from it", async () => {
    const guarded = `${config("guarded")}guardrails:\n  - guardrail_name: g\n    litellm_params: {guardrail: presidio, mode: pre_call, default_on: true}\n`;
    await using folder = await temporaryFolder({ "a.yaml": guarded, "b.yaml": config("b") });
    await using both = up(["--port", "0"], folder.path);
    await both.line(/a\.yaml: not served/);
    expect(both.stdout).toMatch(/b\.yaml\n {2}base URL/);
    await both.stop();
    await using alone = up(["a.yaml", "--port", "0"], folder.path);
    expect(await alone.exited).toEqual({ code: 1, signal: null });
    expect(alone.stdout).toMatch(/a\.yaml: not served\n {2}.*guardrails/);
  });

  test("a port that is taken is said plainly", async () => {
    await using folder = await temporaryFolder({ "config.yaml": config("a") });
    const port = String(await freePort());
    await using first = up(["--port", port], folder.path);
    await first.line(/base URL/);
    await using second = up(["--port", port], folder.path);
    expect(await second.exited).toEqual({ code: 1, signal: null });
    expect(second.stderr).toContain(`Port ${port} of 127.0.0.1 is in use`);
  });
});
