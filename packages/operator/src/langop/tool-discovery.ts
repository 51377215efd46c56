import {
  type ToolDiscovery as Discovery,
  type Resource,
  type ToolOffer,
  toolEndpoint,
  toolOffer,
} from "@gatewright/dialects";
import { type Client, errorText, type KubernetesObject, keyText, resourceTypes } from "@gatewright/reconcile";
import type { Reach } from "../gateway-digests.ts";
import { gatewayPod } from "../gateway-pod.ts";
import { createLanes } from "../lanes.ts";
import { listMcpTools } from "../mcp-tools.ts";
import type { WatchedDeployment } from "../watched-deployment.ts";
import { createPatience } from "./patience.ts";

type ToolSpec = Parameters<typeof toolEndpoint>[1];

/** Finds out what MCP servers offer (langop.md §2.6: availableTools, toolSchemas). */
export interface ToolDiscovery {
  /**
   * What is known of a tool at this moment; undefined for one that is not asked. Asks beside when it is time to, and wakes
   * the key when there is an answer.
   */
  look(tool: Resource, spec: ToolSpec, deployment: WatchedDeployment | undefined): Look | undefined;
  forget(key: string): void;
}

export interface Look {
  readonly discovery: Discovery;
  /** Seconds until it is to be looked at again, though nothing changes. */
  readonly againInSeconds?: number;
}

export interface ToolDiscoveryOptions {
  readonly client: Client;
  readonly reach: Reach;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly wake: (key: string) => void;
}

/** Seconds in which nobody wonders that a server cannot be reached: without a probe a pod is ready before it listens. */
const startSeconds = 30;
/** Milliseconds a server may take for everything it is asked. */
const serverPatience = 10_000;
/** Seconds between two questions to a server that never answers. */
const longestPause = 300;
/** Servers that are asked at the same time, after a start say. */
const atOnce = 8;
/** Timers may fire a little early. */
const earlyMilliseconds = 10;

interface Known {
  /** Which pods were asked: a Deployment at a generation. */
  readonly subject: string;
  readonly asking: boolean;
  readonly discovery: Discovery;
  /** Of the pods that gave the offer: a Deployment that is only scaled keeps it. */
  readonly template?: string;
  /** When to ask again. */
  readonly lookAt?: number;
}

/** What came of one question. */
interface Found {
  readonly discovery: Discovery;
  readonly unreachable?: boolean;
  readonly template?: string;
}

/**
 * One server of each tool is asked, once for each template of its pods: a pod by its address, as agents would by the
 * Service, which may still lead to pods of before. What is known is in memory: after a start all are asked anew.
 */
export function createToolDiscovery(options: ToolDiscoveryOptions): ToolDiscovery {
  const { now, wake } = options;
  const patience = createPatience(longestPause, now);
  const lanes = createLanes(atOnce);
  const known = new Map<string, Known>();

  function begin(key: string, subject: string, tool: Resource, spec: ToolSpec): Known {
    const before = known.get(key);
    const discovery = before?.subject === subject ? before.discovery : ({ kind: "pending" } as const);
    const asking: Known = { subject, asking: true, discovery };
    known.set(key, asking);
    void lanes(() => question(options, tool, spec, before))
      .catch(
        (error): Found => ({
          discovery: { kind: "silent", text: `could not be asked: ${errorText(error)}` },
        }),
      )
      .then((found) => {
        // A later one is under way, or the tool is gone.
        if (known.get(key) !== asking) return;
        known.set(key, { subject, asking: false, ...settled(key, subject, found) });
        wake(key);
      });
    return asking;
  }

  function settled(key: string, subject: string, found: Found): Omit<Known, "subject" | "asking"> {
    const { discovery, template, unreachable = false } = found;
    if (discovery.kind === "offered") {
      patience.reset(key);
      return { discovery, ...(template === undefined ? {} : { template }) };
    }
    const { seconds, waitedSeconds = 0 } = patience.next(key, subject);
    const starting = unreachable && waitedSeconds < startSeconds;
    return { discovery: starting ? { kind: "pending" } : discovery, lookAt: now() + seconds * 1000 };
  }

  /** Seconds until a server is asked again: 0 when it is time to; undefined when it has said all. */
  function pauseOf({ lookAt }: Known): number | undefined {
    if (lookAt === undefined) return undefined;
    const left = lookAt - now();
    return left <= earlyMilliseconds ? 0 : left / 1000;
  }

  function lookOf(standing: Known): Look {
    const { asking, discovery } = standing;
    const pause = asking ? undefined : pauseOf(standing);
    return { discovery, ...(pause === undefined ? {} : { againInSeconds: pause }) };
  }

  return {
    look(tool, spec, deployment) {
      if (spec.type !== "mcp" || spec.deploymentMode !== "service") return undefined;
      const key = keyText({ namespace: tool.metadata.namespace ?? "", name: tool.metadata.name });
      const subject = `${deployment?.metadata.uid} ${deployment?.metadata.generation}`;
      const standing = known.get(key);
      const asked = standing?.subject === subject ? standing : undefined;
      if (asked !== undefined && (asked.asking || pauseOf(asked) !== 0)) return lookOf(asked);
      if (deployment !== undefined && hasPods(deployment)) return lookOf(begin(key, subject, tool, spec));
      return { discovery: asked?.discovery ?? { kind: "pending" } };
    },
    forget(key) {
      known.delete(key);
      patience.reset(key);
    },
  };
}

/** Whether some pods are ready, and some are of the present template: perhaps the same ones. */
function hasPods({ observed }: WatchedDeployment): boolean {
  return observed.current && observed.readyReplicas > 0 && observed.updatedReplicas > 0;
}

async function question(
  { client, reach }: ToolDiscoveryOptions,
  tool: Resource,
  spec: ToolSpec,
  before: Known | undefined,
): Promise<Found> {
  const { name, namespace = "" } = tool.metadata;
  const labelSelector = `langop.io/kind=LanguageTool,app.kubernetes.io/name=${name}`;
  const pod = podToAsk(await client.list(resourceTypes.Pod, { namespace, labelSelector }));
  if (pod === undefined) return { discovery: { kind: "pending" } };
  const { address, template } = pod;
  if (before?.discovery.kind === "offered" && before.template === template) {
    return { discovery: before.discovery, template };
  }
  const { host, pathname: path } = new URL(toolEndpoint(tool, spec));
  const found = await listMcpTools({ at: reach(address, spec.port), host, path }, serverPatience);
  if (found.kind === "trouble") {
    return { discovery: { kind: "silent", text: found.text }, unreachable: found.unreachable };
  }
  const offer: ToolOffer = toolOffer(found.tools as Parameters<typeof toolOffer>[0], found.complete);
  return { discovery: { kind: "offered", offer }, template };
}

/** A ready pod of the template that the newest pod has: while pods are replaced, those of before are ready too. */
function podToAsk(
  objects: readonly KubernetesObject[],
): { readonly address: string; readonly template: string } | undefined {
  const pods = objects
    .map((object) => ({ ...gatewayPod(object), since: object.metadata.creationTimestamp ?? "" }))
    .filter(({ terminating }) => !terminating)
    .sort((one, other) => (one.since < other.since ? 1 : -1));
  const template = pods[0]?.labels["pod-template-hash"] ?? "";
  const address = pods.find(
    (pod) => pod.ready && pod.address !== undefined && (pod.labels["pod-template-hash"] ?? "") === template,
  )?.address;
  return address === undefined ? undefined : { address, template };
}
