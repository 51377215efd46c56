import { createHash } from "node:crypto";
import type { Loaded, RunningGateway } from "@gatewright/gateway";
import { Secret } from "@gatewright/litellm";
import type { FakeUpstream } from "./fake-upstream/fake-upstream.ts";

/** A document, or a body. */
export type Values = { readonly [key: string]: unknown };

/** What a gateway of a test serves; assign to `document` and call `reload` to change it. An error cannot be served. */
export interface ExampleGateway {
  readonly gateway: RunningGateway;
  document: Values | Error;
}

/** One model at the upstream of a test. */
export interface ExampleModel {
  readonly name: string;
  /** `litellm_params.model`, else `openai/<name>`. */
  readonly model?: string;
  readonly params?: Values;
  readonly info?: Values;
}

/** Gateways of the sources, in this process, in front of a fake upstream. */
export interface ExampleGateways {
  /** Starts one that serves a document; `variables` are its environment. */
  readonly start: (
    document: Values,
    variables?: { readonly [name: string]: string },
    drainSeconds?: number,
  ) => Promise<ExampleGateway>;
  /** A document with these models, all of them at the upstream. */
  readonly models: (...entries: readonly ExampleModel[]) => Values;
  /** Ends all that run, and makes the upstream forget. For after each test. */
  readonly end: () => Promise<void>;
}

export function exampleGateways(upstream: FakeUpstream): ExampleGateways {
  const running: RunningGateway[] = [];
  return {
    async start(document, variables = {}, drainSeconds = 0.2) {
      // Only here: most of what uses this package does without a gateway of its own process.
      const { createLogger, startGateway } = await import("@gatewright/gateway");
      const state: { document: Values | Error } = { document };
      const gateway = await startGateway({
        host: "127.0.0.1",
        port: 0,
        watch: false,
        drainSeconds,
        logger: createLogger({ tty: false, level: "silent" }),
        source: {
          load: async (): Promise<Loaded> => {
            if (state.document instanceof Error) throw state.document;
            return {
              document: JSON.parse(JSON.stringify(state.document)),
              origin: { apiVersion: "litellm", kind: "Document", name: "config.yaml" },
              digest: createHash("sha256").update(JSON.stringify(state.document)).digest("hex"),
              lookup: (name) => (variables[name] === undefined ? undefined : new Secret(variables[name])),
              watch: [],
              findings: [],
            };
          },
        },
      });
      running.push(gateway);
      return Object.assign(state, { gateway });
    },
    models: (...entries) => ({
      model_list: entries.map(({ name, model, params, info }) => ({
        model_name: name,
        litellm_params: {
          model: model ?? `openai/${name}`,
          api_base: `${upstream.url}/v1`,
          api_key: "sk-upstream",
          ...params,
        },
        ...(info === undefined ? {} : { model_info: info }),
      })),
    }),
    async end() {
      await Promise.all(running.splice(0).map(async (gateway) => gateway.close()));
      upstream.script = {};
      upstream.forget();
    },
  };
}

/** Sends a body to a gateway. */
export async function post(
  gateway: { readonly url: string },
  path: string,
  body: Values | string,
  headers: { readonly [name: string]: string } = {},
): Promise<Response> {
  return fetch(`${gateway.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

/** The body of a chat request. */
export function chat(model: string, more: Values = {}): Values {
  return { model, messages: [{ role: "user", content: "hi" }], ...more };
}

/** What tests look at in an answer. */
export interface ExampleAnswer {
  readonly model: string;
  readonly error: {
    readonly message: string;
    readonly type: string | null;
    readonly param: string | null;
    readonly code: string;
  };
}

export async function answer(response: Response): Promise<ExampleAnswer> {
  return (await response.json()) as ExampleAnswer;
}
