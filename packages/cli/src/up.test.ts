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

const agentOf = (name: string, { namespace = "team", instructions = "Read." } = {}): string => `
apiVersion: langop.io/v1alpha1
kind: LanguageAgent
metadata: { name: ${name}, namespace: ${namespace} }
spec: { image: "example/agent:1", models: [{ name: one }], instructions: ${instructions} }
`;

/** A LanguageCluster whose models need no upstream; `gateway` is a variable of its gateway. */
const team = ({ gateway = "", annotations = "{}" } = {}): string => `
apiVersion: langop.io/v1alpha1
kind: LanguageCluster
metadata: { name: team }
spec: { gateway: { deployment: { env: [${gateway}] } } }
---
apiVersion: v1
kind: Secret
metadata: { name: admin, namespace: team }
stringData: { master-key: sk-in-the-manifest, token: not-to-be-shown }
${["one", "two", "*"]
  .map(
    (model) => `---
apiVersion: langop.io/v1alpha1
kind: LanguageModel
metadata: { name: ${model === "*" ? "all" : model}, namespace: team }
spec: { provider: openai, modelName: "${model}", params: { mock_response: hi } }
`,
  )
  .join("")}---
apiVersion: langop.io/v1alpha1
kind: LanguageTool
metadata: { name: web, namespace: team }
spec: { image: "example/web:1" }
---
apiVersion: langop.io/v1alpha1
kind: LanguageAgent
metadata: { name: writer, namespace: team, annotations: ${annotations} }
spec:
  image: example/agent:1
  models: [{ name: one }, { name: two }, { name: all, model: three }]
  tools: [{ name: web }]
  instructions: "Say it's $HOME,\\n  and \\"no\\" more."
  credentials:
    - { name: TOKEN, valueFrom: { name: admin, key: token } }
    - { name: OTHER, value: not-to-be-shown }
  deployment: { env: [{ name: PASSWORD, value: not-to-be-shown }] }
`;

/** An agent for a shell: asks every model of its list, and the first one with a wrong key. */
const agentProgram = `
ask() {
  curl -s -o /dev/null -w '%{http_code}' "$MODEL_ENDPOINT/v1/chat/completions" -H "Authorization: Bearer $2" \\
    -H 'Content-Type: application/json' -d '{"model":"'"$1"'","messages":[{"role":"user","content":"hi"}]}'
}
answers=$(for model in $(printf %s "$LLM_MODEL" | tr , ' '); do printf '%s: %s ' "$model" "$(ask "$model" "$MODEL_API_KEY")"; done)
printf '%s\\0' "answers=\${answers% }" "wrong key=$(ask one "$MODEL_API_KEY"x)"
env -0
`;

/** Takes the lines that \`up\` prints for an agent as they are, and runs it with them: what it says by name. */
async function runAgent(
  running: ReturnType<typeof up>,
  name: string,
  environment: { readonly [name: string]: string } = {},
): Promise<{ readonly [name: string]: string }> {
  await running.line(/^ {2}tool /);
  const [, block = ""] =
    new RegExp(`^ {2}agent {5}LanguageAgent team/${name} .*\\n([\\s\\S]*?)^ {2}(?:agent|tool) `, "m").exec(
      running.stdout,
    ) ?? [];
  const { stdout } = spawnSync("sh", ["-c", block + agentProgram], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], ...environment },
  });
  const lines = stdout.split("\0").map((line) => /^([^=]*)=(.*)$/s.exec(line) ?? []);
  return Object.fromEntries(lines.map(([, key = "", value = ""]) => [key, value]));
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

  test.each([
    {
      name: "the master key of the manifests",
      gateway: "{ name: LITELLM_MASTER_KEY, valueFrom: { secretKeyRef: { name: admin, key: master-key } } }",
      environment: {},
      key: /^sk-in-the-manifest$/,
      wrong: 401,
    },
    {
      name: "the master key of the environment",
      gateway:
        "{ name: LITELLM_MASTER_KEY, valueFrom: { secretKeyRef: { name: elsewhere, key: master-key } } }",
      environment: { LITELLM_MASTER_KEY: "sk-from-outside" },
      key: /^sk-from-outside$/,
      wrong: 401,
    },
    { name: "any key at an open gateway", gateway: "", environment: {}, key: /^any$/, wrong: 200 },
    {
      name: "its own key, where agents are held to limits",
      gateway: "",
      environment: {},
      annotations: "{ gatewright.dev/limits: requests-per-minute=100 }",
      key: /^sk-langop-[0-9a-f-]{36}\.[0-9a-f]{32}$/,
      wrong: 401,
    },
    {
      name: "its own key beside the master key",
      gateway: "{ name: LITELLM_MASTER_KEY, valueFrom: { secretKeyRef: { name: admin, key: master-key } } }",
      environment: {},
      annotations: "{ gatewright.dev/limits: requests-per-minute=100 }",
      key: /^sk-langop-/,
      wrong: 401,
    },
  ])(
    "an agent gets by with what is printed for it: $name",
    async ({ gateway, environment, key, wrong, ...more }) => {
      await using folder = await temporaryFolder({ "team.yaml": team({ gateway, ...more }) });
      await using running = up(["team.yaml", "--port", "0"], folder.path, environment);
      const said = await runAgent(running, "writer", environment);
      expect(said["MODEL_API_KEY"]).toMatch(key);
      expect(said["AGENT_INSTRUCTIONS"]).toBe('Say it\'s $HOME,\n  and "no" more.');
      expect(said["answers"]).toBe("one: 200 two: 200 all/three: 200");
      expect(said["wrong key"]).toBe(String(wrong));
      const [curl] = await running.line(/curl .*/);
      const answer = spawnSync("sh", ["-c", `${curl} -s -o /dev/null -w '%{http_code}'`], {
        encoding: "utf8",
        env: { ...process.env, ...environment },
      });
      expect(answer.stdout).toBe("200");
      expect(running.stdout).toContain("LanguageTool team/web (team.yaml), not run here");
      expect(running.stdout + running.stderr).not.toContain("sk-from-outside");
      expect(running.stdout + running.stderr).not.toContain("not-to-be-shown");
    },
  );

  test("the limits of an agent hold here too, and its key is the same after a restart", async () => {
    const annotations = "{ gatewright.dev/limits: requests-per-minute=2 }";
    await using folder = await temporaryFolder({ "team.yaml": team({ annotations }) });
    const keys: unknown[] = [];
    for (const _ of ["first", "second"]) {
      await using running = up(["team.yaml", "--port", "0"], folder.path);
      const said = await runAgent(running, "writer");
      keys.push(said["MODEL_API_KEY"]);
      expect(said["answers"]).toBe("one: 200 two: 200 all/three: 429");
    }
    expect(keys[0]).toBe(keys[1]);
  });

  test("an agent that changes is listed again, alone; one without a gateway says why", async () => {
    await using folder = await temporaryFolder({ "team.yaml": team(), "other.yaml": agentOf("reader") });
    await using running = up(["--port", "0"], folder.path);
    await running.line(/LanguageAgent team\/reader/);
    expect(running.stdout.match(/^ {2}agent /gm)).toHaveLength(2);
    await folder.replace("other.yaml", agentOf("reader", { instructions: "Read on." }));
    await running.line(/AGENT_INSTRUCTIONS='Read on\.'/);
    expect(running.stdout.match(/^ {2}agent {5}LanguageAgent team\/writer/gm)).toHaveLength(1);
    await folder.replace("other.yaml", agentOf("reader", { namespace: "nowhere" }));
    await running.line(/nowhere/);
    await running.stop();
    await using again = up(["--port", "0"], folder.path);
    await again.line(/LanguageAgent nowhere\/reader \(other\.yaml\): not served/);
    expect(again.stdout).toMatch(/not served\n( {2}.*\n)* {2}.*there is no LanguageCluster/);
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
