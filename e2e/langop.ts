import { createHash, createHmac } from "node:crypto";
import { type ImageProgram, type Kubelet, type KubernetesAccess, waitFor } from "@gatewright/testkit";
import { expect } from "vitest";
import { bundle } from "./bundle.ts";

/** What `langop.io` resources come to in a cluster, as their users see it. */
export interface Langop {
  /** Runs kubectl, which must succeed. */
  kubectl(args: readonly string[], input?: string | readonly object[]): Promise<string>;
  /**
   * Applies until everything went in: a namespace, and the count of its quota, come a moment after their LanguageCluster.
   * What is refused for good fails, or, with `refusals: "told"`, is what kubectl has said of it.
   */
  applyAll(
    args: readonly string[],
    options?: { readonly input?: string; readonly refusals?: "told" },
  ): Promise<string>;
  /** An object by its path; `undefined` when there is none. */
  get(path: string): Promise<Live>;
  /** A condition by type, of a resource at a path. */
  condition(path: string, type: string): Promise<Condition | undefined>;
  /** Waits until a condition is as wanted. */
  until(path: string, type: string, wanted: Partial<Condition>): Promise<Condition>;
  /** Where the ready pods of a Service are reached, by the port of the Service. */
  endpoints(namespace: string, service: string, port?: number): Promise<readonly Endpoint[]>;
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into objects; a wrong member fails the test.
export type Live = any;

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number;
}

export interface Endpoint {
  readonly pod: string;
  /** Without a path. */
  readonly url: string;
}

/** How long the slowest step may take: two cores, shared with everything else that runs. */
export const patience = { capMilliseconds: 90_000 };

export const clusterPath = (name: string): string => `/apis/langop.io/v1alpha1/languageclusters/${name}`;
export const modelPath = (namespace: string, name: string): string =>
  `/apis/langop.io/v1alpha1/namespaces/${namespace}/languagemodels/${name}`;

/** The gateway's image: the bundle, and where OpenAI is on this machine. */
export function gatewayImage(upstreamUrl: string): ImageProgram {
  return { command: [process.execPath, bundle], environment: { OPENAI_API_BASE: `${upstreamUrl}/v1` } };
}

export function langopOf(kubernetes: KubernetesAccess, kubelet: Pick<Kubelet, "resolve">): Langop {
  const textOf = (input: string | readonly object[] = ""): string =>
    typeof input === "string" ? input : input.map((object) => JSON.stringify(object)).join("\n---\n");
  const langop: Langop = {
    async kubectl(args, input) {
      const { code, stdout, stderr } = await kubernetes.kubectl(args, { input: textOf(input) });
      expect(code, `kubectl ${args.join(" ")}: ${stderr}`).toBe(0);
      return stdout;
    },
    async applyAll(args, { input = "", refusals } = {}) {
      const { said } = await waitFor(
        `kubectl apply ${args.join(" ")}`,
        async () => {
          const { code, stderr } = await kubernetes.kubectl(["apply", ...args], { input });
          const lines = stderr.split("\n").filter((line) => line !== "" && !line.startsWith("Warning:"));
          const [early, late] = [lines.filter(isTooEarly), lines.filter((line) => !isTooEarly(line))];
          if (late.length > 0 && refusals === undefined) throw new Error(late.join("\n"));
          return early.length === 0 && (code === 0 || late.length > 0) && { said: late.join("\n") };
        },
        patience,
      );
      return said;
    },
    async get(path) {
      const { status, body } = await kubernetes.api("GET", path);
      return status === 404 ? undefined : body;
    },
    async condition(path, type) {
      const conditions: readonly Condition[] = (await langop.get(path))?.status?.conditions ?? [];
      return conditions.find((one) => one.type === type);
    },
    async until(path, type, wanted) {
      let last: Condition | undefined;
      return waitFor(
        `${type} of ${path} to be ${JSON.stringify(wanted)}`,
        async () => {
          last = await langop.condition(path, type);
          return Object.entries(wanted).every(([name, value]) => last?.[name as keyof Condition] === value)
            ? last
            : undefined;
        },
        { ...patience, detail: () => JSON.stringify(last) },
      );
    },
    async endpoints(namespace, service, port = 8000) {
      const { spec } = await langop.get(`/api/v1/namespaces/${namespace}/services/${service}`);
      const name = spec.ports.find((one: Live) => one.port === port)?.name;
      const slices = await langop.get(
        `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?labelSelector=kubernetes.io/service-name=${service}`,
      );
      return slices.items.flatMap(({ endpoints, ports }: Live) => {
        const target = (ports ?? []).find((one: Live) => one.name === name)?.port;
        return (endpoints ?? [])
          .filter(({ conditions }: Live) => target !== undefined && conditions.ready === true)
          .map(({ addresses, targetRef }: Live) => {
            const at = kubelet.resolve(addresses[0], target);
            return { pod: targetRef.name, url: `http://${at.host}:${at.port}` };
          });
      });
    },
  };
  return langop;
}

function isTooEarly(line: string): boolean {
  return /namespaces? ".*" not found|status unknown for quota/.test(line);
}

/** The key of an agent, as the dialect computes it from the Secret `gateway-auth` (langop.md §3.4). */
export function agentKey(hmacSecret: string, agent: string): string {
  return `sk-langop-${agent}.${createHmac("sha256", hmacSecret).update(agent).digest("hex").slice(0, 32)}`;
}

/** What `ConfigServed` names a document by. */
export function digestOf(document: string): string {
  return `sha256:${createHash("sha256").update(document).digest("hex")}`;
}
