import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { dirname, join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { parse } from "yaml";
import type { AgentAnswer } from "./running-agent.ts";

/*
 * The program of an agent's image in tests. Of the gateway it knows what every agent is told: MODEL_ENDPOINT,
 * MODEL_API_KEY and LLM_MODEL. As a service it answers on PORT, else 8080, what `RunningAgent` asks of it. With
 * AGENT_EXECUTION_MODE=task, or called as `once`, it asks each model once, writes the answers to its log as one line of
 * JSON, and ends: with 1 when one of them was not 200.
 */

const { env } = process;
const root = env["GATEWRIGHT_TEST_ROOT"] ?? "/";
const ports: { readonly [port: string]: number } = JSON.parse(env["GATEWRIGHT_TEST_PORTS"] ?? "{}");

async function askModel(model: string, key: string, path: string): Promise<AgentAnswer> {
  const messages = [{ role: "user", content: env["AGENT_INSTRUCTIONS"] || "hello" }];
  try {
    const response = await fetch(`${env["MODEL_ENDPOINT"]}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ model, messages, max_tokens: 100 }),
    });
    const body = await response.text();
    return { model, status: response.status, text: wordsOf(body) };
  } catch (error) {
    return { model, status: 0, text: causeOf(error) };
  }
}

/** An answer of either API, an error's message, or what there is. */
function wordsOf(body: string): string {
  try {
    const { choices, content, error } = JSON.parse(body);
    return choices?.[0]?.message.content ?? content?.[0]?.text ?? error?.message ?? body;
  } catch {
    return body;
  }
}

/** The last cause: `fetch failed` says nothing. */
function causeOf(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? causeOf(error.cause) : String(error);
}

/** Asks one model, or each that the agent was given, in order. Without a key it sends what adapters do. */
async function ask(query: URLSearchParams = new URLSearchParams()): Promise<readonly AgentAnswer[]> {
  const given = (env["LLM_MODEL"] ?? "").split(",").filter((name) => name !== "");
  const model = query.get("model");
  const key = query.get("key") ?? (env["MODEL_API_KEY"] || "sk-langop-proxy");
  const answers: AgentAnswer[] = [];
  for (const name of model === null ? given : [model]) {
    answers.push(await askModel(name, key, query.get("path") ?? "/v1/chat/completions"));
  }
  return answers;
}

/** Files below a folder, with their texts, by their paths in the container; what a kubelet keeps for itself left out. */
async function files(folder: string): Promise<{ readonly [path: string]: string }> {
  const names = await readdir(join(root, folder)).catch(() => []);
  const found = await Promise.all(
    names
      .filter((name) => !name.startsWith(".."))
      .map(async (name) => {
        const path = join(folder, name);
        const isFolder = (await stat(join(root, path))).isDirectory();
        return isFolder ? files(path) : { [path]: await readFile(join(root, path), "utf8") };
      }),
  );
  return Object.assign({}, ...found);
}

async function answer(request: IncomingMessage): Promise<unknown> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://agent");
  switch (pathname) {
    case "/health":
      return "ok";
    case "/ask":
      return ask(searchParams);
    case "/environment":
      return env;
    case "/config":
      return parse(await readFile(join(root, "/etc/agent/config.yaml"), "utf8"));
    case "/files":
      return Object.assign({}, ...(await Promise.all(searchParams.getAll("folder").map(files))));
    case "/write": {
      const path = join(root, searchParams.get("path") ?? "");
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, await text(request));
      return "written";
    }
    case "/fetch": {
      const response = await fetch(searchParams.get("url") ?? "");
      return { status: response.status, text: await response.text() };
    }
    case "/exit":
      setTimeout(() => process.exit(Number(searchParams.get("code"))), 10);
      return "ending";
    default:
      throw new Error(`an agent of tests has no ${pathname}`);
  }
}

if (env["AGENT_EXECUTION_MODE"] === "task" || process.argv[2] === "once") {
  const answers = await ask();
  process.stdout.write(`${JSON.stringify(answers)}\n`);
  process.exitCode = answers.every(({ status }) => status === 200) ? 0 : 1;
} else {
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    answer(request).then(
      (answered) => response.end(JSON.stringify(answered)),
      (error: unknown) => {
        response.statusCode = 500;
        response.end(JSON.stringify({ error: causeOf(error) }));
      },
    );
  });
  // Not declared, it is not reached: any port will do.
  const port = Number(env["PORT"] ?? ports["8080"] ?? 0);
  server.listen(port, "127.0.0.1", () => process.stdout.write("an agent is listening\n"));
  process.once("SIGTERM", () => process.exit(0));
}
