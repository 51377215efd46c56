import process from "node:process";
import { fileURLToPath } from "node:url";
import { readDocument } from "@gatewright/litellm";
import { startProcess, temporaryFolder } from "@gatewright/testkit";
import { describe, expect, test } from "vitest";

const main = fileURLToPath(new URL("main.ts", import.meta.url));
const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Runs the command to its end in a folder. */
async function run(
  args: readonly string[],
  folder = root,
  environment: { readonly [name: string]: string } = {},
) {
  await using command = startProcess(process.execPath, [main, ...args], {
    folder,
    environment: { CONFIG_FILE_PATH: undefined, DEBUG: undefined, ...environment },
  });
  const { code } = await command.exited;
  return { code, stdout: command.stdout, stderr: command.stderr };
}

const files = {
  "good.yaml":
    "model_list:\n  - model_name: a\n    litellm_params: {model: openai/a, mock_response: hi, api_key: sk-secret}\n",
  "broken.yaml": "model_list:\n  - model_name: a\n    litellm_params: {model: [\n",
  "wrong.yaml": "model_list:\n  - model_name: a\n  - litellm_params: {model: openai/a}\n",
  "manifest.yaml": "apiVersion: langop.io/v1alpha1\nkind: LanguageModel\nmetadata:\n  name: [oops]\n",
  "models/model__a.json": "{ not json",
  "delivered/model__a.json": '{"provider": "openai", "modelName": "from-model-file"}',
  "delivered/config.yaml":
    "model_list:\n  - model_name: from-document\n    litellm_params: {model: openai/a, api_key: os.environ/a_2fb}\n",
  "notes.yaml": "hello: world\n",
  "foreign.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n",
};

describe("exit codes and what is said", () => {
  test.each([
    { name: "help", args: ["--help"], code: 0, stdout: /gatewright up examples\/quickstart/, stderr: /^$/ },
    { name: "help of a command", args: ["translate", "--help"], code: 0, stdout: /Examples:/, stderr: /^$/ },
    { name: "version", args: ["--version"], code: 0, stdout: /^\d+\.\d+\.\d+\n$/, stderr: /^$/ },
    { name: "no command", args: [], code: 2, stdout: /^$/, stderr: /Usage: gatewright/ },
    { name: "an unknown command", args: ["upp"], code: 2, stdout: /^$/, stderr: /unknown command 'upp'/ },
    {
      name: "an unknown option",
      args: ["up", "--prot", "1"],
      code: 2,
      stdout: /^$/,
      stderr: /unknown option '--prot'/,
    },
    {
      name: "arguments of LiteLLM's image without a command mean gateway",
      args: ["--config", "gone.yaml", "--port", "4000", "--num_workers", "1", "--detailed_debug"],
      code: 2,
      stdout: /^$/,
      stderr: /gone\.yaml: there is no such file/,
    },
    {
      name: "in any order",
      args: ["--port=4000", "--config=gone.yaml"],
      code: 2,
      stdout: /^$/,
      stderr: /gone\.yaml: there is no such file/,
    },
    {
      name: "but an option nobody knows is still wrong",
      args: ["--prot", "1"],
      code: 2,
      stdout: /^$/,
      stderr: /unknown option '--prot'/,
    },
    {
      name: "a drain time that is none",
      args: ["gateway", "--drain-seconds", "soon"],
      code: 2,
      stdout: /^$/,
      stderr: /number of seconds/,
    },
    { name: "a bad port", args: ["up", "--port", "65536"], code: 2, stdout: /^$/, stderr: /0 to 65535/ },
    {
      name: "no output form",
      args: ["translate", "good.yaml"],
      code: 2,
      stdout: /^$/,
      stderr: /-o, --output/,
    },
    {
      name: "kubernetes objects of what is no Kubernetes resource",
      args: ["translate", "good.yaml", "-o", "kubernetes"],
      code: 1,
      stdout: /^# good\.yaml\n# It is no Kubernetes resource[^\n]*\n$/,
      stderr: /ObjectsNotWritten/,
    },
    {
      name: "a path that is not there",
      args: ["up", "gone"],
      code: 2,
      stdout: /^$/,
      stderr: /"file":"gone"/,
    },
    {
      name: "a file that is nothing of ours",
      args: ["translate", "notes.yaml", "-o", "litellm"],
      code: 2,
      stdout: /^$/,
      stderr: /notes\.yaml: it is neither/,
    },
    {
      name: "manifests without a gateway",
      args: ["translate", "foreign.yaml", "-o", "litellm"],
      code: 2,
      stdout: /^$/,
      stderr: /no gateway is declared/,
    },
    {
      name: "broken YAML",
      args: ["translate", "broken.yaml", "-o", "litellm"],
      code: 2,
      stdout: /^$/,
      stderr: /broken\.yaml:\d+/,
    },
    {
      name: "a configuration that does not fit",
      args: ["up", "wrong.yaml"],
      code: 2,
      stdout: /^$/,
      stderr: /"file":"wrong\.yaml","line":[23].*model_list\[0\]/,
    },
    {
      name: "a broken manifest",
      args: ["up", "manifest.yaml"],
      code: 2,
      stdout: /^$/,
      stderr: /manifest\.yaml:4.*metadata\.name/,
    },
    {
      name: "one broken file among good ones",
      args: ["translate", "good.yaml", "broken.yaml", "-o", "litellm"],
      code: 2,
      stdout: /^$/,
      stderr: /broken\.yaml/,
    },
    {
      name: "a configuration that is not there",
      args: ["gateway", "--config", "gone.yaml"],
      code: 2,
      stdout: /^$/,
      stderr: /gone\.yaml: there is no such file/,
    },
    {
      name: "a model file that is not JSON",
      args: ["gateway", "--models", "models"],
      code: 2,
      stdout: /^$/,
      stderr: /models\/model__a\.json.*not valid JSON/,
    },
    {
      name: "the same for config",
      args: ["config", "-c", "gone.yaml"],
      code: 2,
      stdout: /^$/,
      stderr: /gone\.yaml/,
    },
    {
      name: "a gateway that does not answer",
      args: ["health", "--url", "http://127.0.0.1:1"],
      code: 1,
      stdout: /^$/,
      stderr: /does not answer/,
    },
    {
      name: "a URL that is none",
      args: ["health", "--url", "here"],
      code: 2,
      stdout: /^$/,
      stderr: /not an http or https URL/,
    },
    {
      name: "the document that the operator put beside the model files goes before these",
      args: ["config", "--models", "delivered"],
      code: 0,
      stdout: /model_name: from-document\n/,
      stderr: /^$/,
    },
    {
      name: "a document, redacted",
      args: ["config", "--config", "good.yaml"],
      code: 0,
      stdout: /api_key: '\[redacted\]'/,
      stderr: /^$/,
    },
  ])("$name", async ({ args, code, stdout, stderr }) => {
    await using folder = await temporaryFolder(files);
    const result = await run(args, folder.path);
    expect(result.stderr).toMatch(stderr);
    expect(result.stdout).toMatch(stdout);
    expect(result.code).toBe(code);
    expect(result.stdout + result.stderr).not.toContain("sk-secret");
    // A problem is told, never thrown at the user.
    expect(result.stderr).not.toMatch(/\n\s+at .*\.ts:\d+/);
  });
});

describe("translate", () => {
  test("prints a configuration file with what it includes, the same way every time", async () => {
    const first = await run(["translate", "examples/litellm", "-o", "litellm"]);
    expect(first.code).toBe(0);
    // Nothing of the example is lost.
    expect(first.stderr).toBe("");
    const { document, problems } = readDocument(first.stdout, { file: "stdout" });
    expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
    const models = (document?.["model_list"] ?? []) as readonly { readonly model_name: string }[];
    const names = models.map((model) => model.model_name);
    // Own models first, then those of the included file, which is no gateway of its own.
    expect(names).toContain("gpt-4o");
    expect(names.slice(-2)).toEqual(["llama3.2", "nomic-embed-text"]);
    expect(first.stdout.match(/^# /gm)).toHaveLength(1);
    expect(await run(["translate", "examples/litellm", "-o", "litellm"])).toEqual(first);
  });

  test.each(["langop", "agentic-layer", "palena"])(
    "prints every gateway of examples/%s as documents that can be read",
    async (dialect) => {
      const { code, stdout } = await run(["translate", `examples/${dialect}`, "-o", "litellm"]);
      expect(code).toBe(0);
      const texts = stdout.split(/^---$/m);
      expect(texts.length).toBeGreaterThan(0);
      for (const text of texts) {
        expect(text.trimStart()).toMatch(/^# \w+ \S+ \(examples\//);
        const { document, problems } = readDocument(text, { file: "stdout" });
        expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
        expect(document).toHaveProperty("model_list");
      }
      const plans = await run(["translate", `examples/${dialect}`, "-o", "plan"]);
      expect(plans.code).toBe(0);
      expect(plans.stdout).toContain(`dialect: ${dialect}`);
    },
  );

  test("prints the objects of every langop gateway, and of Secrets only where their values come from", async () => {
    const { code, stdout, stderr } = await run(["translate", "examples/langop", "-o", "kubernetes"]);
    expect(code).toBe(0);
    const kinds = Array.from(stdout.matchAll(/^kind: (\w+)$/gm), ([, kind]) => kind);
    expect(kinds).toContain("Deployment");
    expect(kinds).not.toContain("Secret");
    expect(Array.from(stdout.matchAll(/^# (\w+ \S+)/gm), ([, title]) => title)).toEqual([
      "LanguageCluster research",
      "LanguageAgent research/digest",
      "LanguageAgent research/researcher",
      "LanguageTool research/archive",
    ]);
    expect(kinds).toEqual(expect.arrayContaining(["CronJob", "PersistentVolumeClaim"]));
    expect(stderr).toMatch(/"code":"SecretFilledByOperator"/);
    expect(stderr).toMatch(/researcher-gateway-key is not printed; the operator fills it: MODEL_API_KEY/);
    expect(stderr).toMatch(/gateway-auth is not printed; the operator fills it: hmac-secret/);
  });

  const cluster = "apiVersion: langop.io/v1alpha1\nkind: LanguageCluster\nmetadata: { name: team }\n";
  const agent =
    'apiVersion: langop.io/v1alpha1\nkind: LanguageAgent\nmetadata: { name: writer, namespace: team }\nspec: { image: "a/b:1", models: [{ name: gone }] }\n';
  const sidecar =
    'apiVersion: langop.io/v1alpha1\nkind: LanguageTool\nmetadata: { name: web, namespace: team }\nspec: { image: "a/b:1", deploymentMode: sidecar }\n';

  test.each(["kubernetes", "litellm", "plan", "admin"])(
    "tells with -o %s what an agent lacks, with file and line",
    async (output) => {
      await using folder = await temporaryFolder({ "cluster.yaml": cluster, "agent.yaml": agent });
      const { code, stdout, stderr } = await run(["translate", ".", "-o", output], folder.path);
      expect(code).toBe(0);
      expect(stderr).toMatch(
        /agent\.yaml:4.*spec\.models\[0\]\.name names LanguageModel gone, which does not/,
      );
      expect(
        /^# LanguageAgent team\/writer \(agent\.yaml\)\n# Not deployed:\n# {3}.*gone/m.test(stdout),
      ).toBe(output === "kubernetes");
    },
  );

  test("a tool that runs in its agents' pods has no objects and nothing is wrong with it", async () => {
    await using folder = await temporaryFolder({ "cluster.yaml": cluster, "tool.yaml": sidecar });
    const { code, stdout, stderr } = await run(["translate", ".", "-o", "kubernetes"], folder.path);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^# LanguageTool team\/web \(tool\.yaml\)\n/m);
    expect(stderr).not.toContain("LanguageTool");
  });

  test("members without a LanguageCluster come to nothing, which is a failure", async () => {
    await using folder = await temporaryFolder({ "agent.yaml": agent, "tool.yaml": sidecar });
    const { code, stdout, stderr } = await run(["translate", ".", "-o", "kubernetes"], folder.path);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^# LanguageTool team\/web \(tool\.yaml\)\n# Not deployed:\n# {3}.*LanguageCluster/m,
    );
    expect(stderr).toMatch(/"code":"ClusterNotFound"/);
  });
});
