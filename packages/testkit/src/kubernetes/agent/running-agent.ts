import type { Place } from "../kubelet/pod-network.ts";

/** What an agent got when it asked a model. Status 0: no answer, and why. */
export interface AgentAnswer {
  readonly model: string;
  readonly status: number;
  readonly text: string;
}

/** An agent's own words: what it sees and gets, from inside its container. */
export interface RunningAgent {
  /**
   * Asks each model of LLM_MODEL at MODEL_ENDPOINT, with MODEL_API_KEY; or the given model, with the given key, on the
   * given path (`/v1/messages` is the other one).
   */
  ask(question?: { readonly [part in "model" | "key" | "path"]?: string }): Promise<readonly AgentAnswer[]>;
  environment(): Promise<{ readonly [name: string]: string }>;
  /** `/etc/agent/config.yaml`, parsed. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it; a wrong member fails the test.
  config(): Promise<any>;
  /** The files in these folders with their texts, by their paths in the container. */
  files(...folders: readonly string[]): Promise<{ readonly [path: string]: string }>;
  write(path: string, text: string): Promise<void>;
  /** Opens a URL as the agent: of a tool, of another agent. Rejects when it cannot. */
  fetch(url: string): Promise<{ readonly status: number; readonly text: string }>;
  /** Ends the process; its container is started again. */
  exit(code: number): Promise<void>;
}

/** Speaks to the agent program that listens there. */
export function runningAgent({ host, port }: Place): RunningAgent {
  const get = async (
    path: string,
    query: readonly (readonly [string, string])[] = [],
    body?: string,
    // biome-ignore lint/suspicious/noExplicitAny: each caller says what it is.
  ): Promise<any> => {
    const url = new URL(path, `http://${host}:${port}`);
    for (const [name, value] of query) url.searchParams.append(name, value);
    const response = await fetch(url, body === undefined ? {} : { method: "PUT", body });
    const answer = (await response.json()) as { readonly error?: string };
    if (response.status !== 200) throw new Error(`${url.pathname} of the agent: ${answer.error}`);
    return answer;
  };
  return {
    ask: (question = {}) => get("/ask", Object.entries(question)),
    environment: () => get("/environment"),
    config: () => get("/config"),
    files: (...folders) =>
      get(
        "/files",
        folders.map((folder) => ["folder", folder] as const),
      ),
    write: (path, text) => get("/write", [["path", path]], text),
    fetch: (url) => get("/fetch", [["url", url]]),
    exit: (code) => get("/exit", [["code", String(code)]]),
  };
}
