import { type Installation, langop } from "@gatewright/dialects";
import {
  type Client,
  type ControllerHandle,
  type Recorder,
  type Runtime,
  resourceTypes,
} from "@gatewright/reconcile";
import { createDigestReader } from "../gateway-digests.ts";
import { ingressControllerNamespaces } from "../ingress-controller.ts";
import { createNameResolver } from "../name-resolver.ts";
import { objectReader } from "../object-reader.ts";
import type { OperatorOptions } from "../options.ts";
import { keyNames } from "../secret-values.ts";
import { agentController } from "./agent-controller.ts";
import { clusterController } from "./cluster-controller.ts";
import type { LangopContext } from "./context.ts";
import { createGatewayReader } from "./gateway-reader.ts";
import { type LangopStores, optionalWrittenKinds } from "./langop-stores.ts";
import { modelController } from "./model-controller.ts";
import { personaController } from "./persona-controller.ts";
import { selfConfigController } from "./self-config-controller.ts";
import { toolController } from "./tool-controller.ts";
import { createUnwatchedObjects } from "./unwatched-objects.ts";

/** Milliseconds a DNS look-up may take (langop.md §3.5). */
const nameServerPatience = 3_000;

/** Seconds a model waits for the LanguageCluster of its namespace: one apply may create both (decisions: langop.io). */
const standaloneAfterSeconds = 30;

/** Port of every gateway container of the dialect. */
const gatewayPort = 4000;

/** Adds the controllers of `langop.io` to a runtime that may be reading its stores already. */
export function addLangopControllers(
  runtime: Runtime,
  parts: {
    readonly client: Client;
    readonly stores: LangopStores;
    readonly events: Recorder;
    readonly options: OperatorOptions;
    /** The network plugin is Calico. */
    readonly calico: boolean;
  },
): void {
  const { client, stores, events, options, calico } = parts;
  const secrets = objectReader({
    client,
    type: resourceTypes.Secret,
    watched: stores.secrets,
    keep: keyNames,
  });
  const configMaps = objectReader({
    client,
    type: resourceTypes.ConfigMap,
    watched: stores.configMaps,
    keep: ({ data }) => (data ?? {}) as { readonly [key: string]: string },
  });
  const engine = options.engines["langop"] ?? langop.defaultEngine;
  const reach = options.reach ?? ((host, port) => ({ host, port }));
  const digests = createDigestReader({ reach, port: gatewayPort });
  stores.pods.onChange((_, old, current) => {
    if (old !== undefined && current === undefined) digests.forget(old.uid);
  });
  const context: LangopContext = {
    client,
    stores,
    unwatched: createUnwatchedObjects({
      client,
      clusters: stores.clusters.store,
      everywhere: options.watchNamespaces.length === 0,
    }),
    reader: createGatewayReader({ engine, secrets, configMaps }),
    secrets,
    resolver: createNameResolver({
      ...(options.nameServers === undefined ? {} : { servers: options.nameServers }),
      now: () => performance.now(),
      patience: nameServerPatience,
    }),
    digests,
    events,
    installation: () => installation(options, stores, calico),
    watchNamespaces: options.watchNamespaces,
    validateDomains: options.validateDomains,
    standaloneAfterSeconds: options.standaloneAfterSeconds ?? standaloneAfterSeconds,
    now: Date.now,
  };
  const { concurrency } = options;
  const clusters: ControllerHandle = runtime.add(
    clusterController(context, { engine, concurrency, wake: (key) => clusters.enqueue(key) }),
  );
  const models = runtime.add(modelController(context, { concurrency }));
  const agents = runtime.add(agentController(context, { engine, concurrency }));
  const tools: ControllerHandle = runtime.add(
    toolController(context, { concurrency, reach, wake: (key) => tools.enqueue(key) }),
  );
  runtime.add(personaController(context, { concurrency }));
  runtime.add(selfConfigController(context, { concurrency }));
  // What could not be written before can now, and what was written instead has to go.
  for (const kind of optionalWrittenKinds) {
    stores.written.get(kind)?.onAttached(() => {
      for (const key of stores.clusters.store.keys()) clusters.enqueue(key);
      for (const key of stores.models.store.keys()) models.enqueue(key);
      for (const key of stores.agents.store.keys()) agents.enqueue(key);
      for (const key of stores.tools.store.keys()) tools.enqueue(key);
    });
  }
}

function installation(options: OperatorOptions, stores: LangopStores, calico: boolean): Installation {
  const attached = (kind: string): boolean => stores.written.get(kind)?.attached === true;
  return {
    image: options.image,
    ...(options.imagePullPolicy === undefined ? {} : { imagePullPolicy: options.imagePullPolicy }),
    litellmImage: options.litellmImage,
    ...(options.ingressClassName === undefined ? {} : { ingressClassName: options.ingressClassName }),
    ...(options.agentIngressClassName === undefined
      ? {}
      : { agentIngressClassName: options.agentIngressClassName }),
    ...(options.externalScheme === undefined ? {} : { externalScheme: options.externalScheme }),
    ...(options.agentStorageClassName === undefined
      ? {}
      : { agentStorageClassName: options.agentStorageClassName }),
    ingressControllerNamespaces: ingressControllerNamespaces(
      options.ingressControllerNamespace,
      stores.namespaces.store.keys(),
    ),
    apiServerRanges: options.apiServerRanges ?? [],
    customRanges: options.customRanges ?? [],
    ...(options.tlsIssuer === undefined ? {} : { tlsIssuer: options.tlsIssuer }),
    networkIsolation: options.networkIsolation,
    apis: { cilium: attached("CiliumNetworkPolicy"), calico, gatewayApi: attached("HTTPRoute") },
    operatorNamespace: options.namespace,
    ...(options.otlpEndpoint === undefined ? {} : { otlpEndpoint: options.otlpEndpoint }),
    ...(options.otlpSampler === undefined ? {} : { otlpSampler: options.otlpSampler }),
  };
}
