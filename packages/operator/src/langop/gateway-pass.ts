import type {
  DesiredObjects,
  GatewayObjectsInput,
  Resource,
  ServedConfiguration,
} from "@gatewright/dialects";
import { type Applier, createApplier } from "@gatewright/reconcile";
import type { GatewayPod } from "../gateway-pod.ts";
import { createSecretHasher } from "../secret-hash.ts";
import { createServiceSelectors } from "../service-selectors.ts";
import type { LangopContext } from "./context.ts";
import { createCredentialDelivery, remindPods, touchPods } from "./gateway-delivery.ts";
import type { ReadGateway } from "./gateway-reader.ts";
import { type WriteFailure, writeObjects } from "./object-writer.ts";
import { createPatience } from "./patience.ts";

/** One gateway in one pass of its controller. */
export interface GatewayPassInput {
  /** Key of the controller. */
  readonly key: string;
  readonly owner: Resource;
  readonly namespace: string;
  /** Name of the merged Secret. */
  readonly credentials: string;
  readonly read: ReadGateway;
  readonly agentKeys: "required" | "open";
  readonly serviceNameFree: GatewayObjectsInput["serviceNameFree"];
  /** Labels all pods of the gateway carry. */
  readonly podLabels: { readonly [name: string]: string };
  /** Pure: what should stand. Called again when more is known. */
  readonly objects: (facts: GatewayObjectsInput) => DesiredObjects;
}

export interface GatewayPassResult {
  readonly desired: DesiredObjects;
  readonly failures: readonly WriteFailure[];
  readonly changed: boolean;
  /** Absent with engine litellm, which tells nobody what it serves. */
  readonly served?: ServedConfiguration;
  /** Seconds until the pods should be asked again; absent when all serve what they should, or tell nobody. */
  readonly askAgainInSeconds?: number;
  /** Seconds until what is known about the peers of network rules expires. */
  readonly peersExpireInSeconds?: number;
}

export interface GatewayPass {
  run(input: GatewayPassInput): Promise<GatewayPassResult>;
  readonly applier: Applier;
  forget(key: string): void;
}

/** Managers whose fields become ours: the replaced operator's, and our own when it created instead of applied. */
export const replacedManagers = ["manager", "language-operator"];

/** Longest pause between two questions to pods that lag behind, which no watch reports. Seconds. */
const longestPause = 60;

/**
 * Pods that are behind for this long are touched again: a kubelet whose own watch has not seen the new files yet writes
 * the old ones at the first touch, and looks again only after a minute or two. After that it has looked without us.
 */
const reminded = { fromSeconds: 3, untilSeconds: 150 };

/** From what a gateway should be to what stands: addresses, Secret, objects, pods, and what the pods say. */
export function createGatewayPass(context: LangopContext, manager: string): GatewayPass {
  const { client, stores, secrets, resolver, digests, now } = context;
  const applier = createApplier(client, { manager, adopt: [...replacedManagers, manager] });
  const hasher = createSecretHasher(client, secrets);
  const monotonic = (): number => performance.now();
  const selectors = createServiceSelectors(client, monotonic);
  const patience = createPatience(longestPause, monotonic);
  const delivery = createCredentialDelivery({
    client,
    applier,
    secrets,
    watched: (namespace, name) => stores.secrets.store.get(`${namespace}/${name}`),
  });

  async function run(input: GatewayPassInput): Promise<GatewayPassResult> {
    const { key, owner, namespace, read, agentKeys } = input;
    const { plan } = read.gateway;
    const native = plan.engine === "native";
    const pods = stores.pods.store
      .by("namespace", namespace)
      .filter(({ labels }) =>
        Object.entries(input.podLabels).every(([name, value]) => labels[name] === value),
      );
    const services = new Set<string>();
    const facts: GatewayObjectsInput = {
      gateway: read.gateway,
      document: read.document,
      ...(native ? {} : { secretsHash: await hasher.hash(key, read.secrets) }),
      readyReplicas: pods.filter(({ ready, terminating }) => ready && !terminating).length,
      addresses: resolver.addresses,
      serviceSelectors(of, name) {
        services.add(`${of}/${name}`);
        return selectors.selector(of, name);
      },
      serviceNameFree: input.serviceNameFree,
      installation: context.installation(),
    };
    const first = input.objects(facts);
    const { dnsNames } = first;
    const expiries = await Promise.all([
      ...(dnsNames.length === 0 ? [] : [resolver.refresh(dnsNames)]),
      ...(services.size === 0 ? [] : [selectors.refresh([...services])]),
    ]);
    // Once more, with what was found out.
    const desired = expiries.length === 0 ? first : input.objects(facts);
    const { configHash } = desired;
    const failures: WriteFailure[] = [];

    let credentials: string | undefined;
    if (native && configHash !== undefined) {
      try {
        credentials = await delivery.deliver({ ...input, name: input.credentials, plan, agentKeys });
      } catch (error) {
        const object = { apiVersion: "v1", kind: "Secret", namespace, name: input.credentials };
        failures.push({ object, error });
      }
    }
    const written = await writeObjects(desired, applier, context, owner.metadata.uid);
    failures.push(...written.failures);
    const result = {
      desired,
      failures,
      changed: written.changed,
      ...(expiries.length === 0 ? {} : { peersExpireInSeconds: Math.min(...expiries) }),
    };
    // Pods are told only of what was written: told too early, they would read the old files and not look again.
    const configFailed = failures.some(
      ({ object }) =>
        object.kind === "ConfigMap" || (object.kind === "Secret" && object.name === input.credentials),
    );
    if (configHash === undefined || credentials === undefined || configFailed) return result;
    const { digest } = read.document;
    await touchPods(client, pods, { configHash, digest, credentials });
    const { behind, ...served } = await digests.served(pods, digest);
    return {
      ...result,
      served: { ...served, digest: `sha256:${digest}` },
      ...(await untilServed(key, digest, served.pods - served.serving, behind)),
    };
  }

  /** Pods are asked until they serve what they should, and told again that it is there. */
  async function untilServed(
    key: string,
    digest: string,
    lagging: number,
    behind: readonly GatewayPod[],
  ): Promise<Pick<GatewayPassResult, "askAgainInSeconds">> {
    if (lagging === 0) {
      patience.reset(key);
      return {};
    }
    const { seconds, waitedSeconds = 0 } = patience.next(key, digest);
    if (waitedSeconds >= reminded.fromSeconds && waitedSeconds <= reminded.untilSeconds)
      await remindPods(client, behind, now());
    return { askAgainInSeconds: seconds };
  }

  return {
    run,
    applier,
    forget(key) {
      hasher.forget(key);
      delivery.forget(key);
      patience.reset(key);
    },
  };
}
