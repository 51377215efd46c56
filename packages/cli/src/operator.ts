import process from "node:process";
import { createOperatorLogger, type OperatorOptions, startOperator } from "@gatewright/operator";
import type { Engine } from "@gatewright/plan";
import manifest from "../package.json" with { type: "json" };
import { defaultImage } from "./default-image.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { stopSignal } from "./stop-signal.ts";
import type { Surroundings } from "./surroundings.ts";
import { complain } from "./trouble.ts";

/** What the command line says; the rest comes from the environment. */
export interface OperatorFlags {
  readonly kubeconfig?: string;
  readonly watchNamespaces?: string;
  readonly engine?: readonly string[];
  readonly leaderElect: boolean;
  readonly leaderElectionId?: readonly string[];
  readonly leaderElectionNamespace?: string;
  readonly healthProbeBindAddress: string;
  readonly metricsBindAddress: string;
  readonly image?: string;
  readonly gatewayImage: string;
  readonly gatewayImagePullPolicy?: "Always" | "IfNotPresent" | "Never";
  readonly gatewayIngressClassName?: string;
  readonly agentIngressClassName?: string;
  readonly agentStorageClassName?: string;
  readonly ingressControllerNamespace?: string;
  readonly externalScheme?: "http" | "https";
  readonly tlsIssuerName?: string;
  readonly tlsIssuerKind: "ClusterIssuer" | "Issuer";
  readonly concurrency: number;
  readonly webhookPort: number;
  readonly webhookUrl?: string;
  readonly disableWebhooks: boolean;
  readonly requireNetworkPolicy: boolean;
  readonly debug: boolean;
}

const dialects = ["langop", "agentic-layer", "palena"];

/** `gatewright operator`: the control plane, until it is told to stop or another one leads. */
export async function operator(flags: OperatorFlags, surroundings: Surroundings): Promise<ExitCode> {
  const options = operatorOptions(flags, surroundings.environment);
  if (typeof options === "string") {
    complain(surroundings, options);
    return exitCode.unusable;
  }
  const logger = createOperatorLogger({
    interactive: surroundings.interactive,
    level: flags.debug ? "debug" : "info",
    write: surroundings.errors,
  });
  const stopped = stopSignal();
  try {
    const running = await startOperator(options, { logger, version: manifest.version });
    const end = await Promise.race([stopped, running.lost.catch((why: unknown) => why)]);
    if (typeof end !== "string") {
      // Nothing is put in order, and nothing that is under way may end it later: whoever leads now acts already.
      logger.error(
        { error: end instanceof Error ? end.message : String(end) },
        "operator stops at once: it leads no more",
      );
      process.exit(exitCode.failed);
    }
    logger.info({ signal: end }, "operator stops");
    await running.close();
    return exitCode.done;
  } catch (error) {
    complain(
      surroundings,
      `The operator cannot run: ${error instanceof Error ? error.message : String(error)}`,
    );
    return exitCode.failed;
  }
}

/** The options of the operator, or what is wrong with the command line. */
export function operatorOptions(
  flags: OperatorFlags,
  environment: Surroundings["environment"],
): OperatorOptions | string {
  const engines = byDialect(flags.engine ?? [], "--engine");
  if (typeof engines === "string") return engines;
  const wrong = Object.values(engines).find((engine) => engine !== "native" && engine !== "litellm");
  if (wrong !== undefined)
    return `--engine ${wrong}: an engine is native or litellm, for example --engine langop=litellm.`;
  const leaderElectionIds = byDialect(flags.leaderElectionId ?? [], "--leader-election-id");
  if (typeof leaderElectionIds === "string") return leaderElectionIds;
  const namespace = environment["POD_NAMESPACE"] || "gatewright-system";
  const otlpEndpoint = environment["OTEL_EXPORTER_OTLP_ENDPOINT"];
  const sampler = environment["OTEL_TRACES_SAMPLER"] || undefined;
  const samplerArgument = environment["OTEL_TRACES_SAMPLER_ARG"] || undefined;
  return {
    ...given("kubeconfig", flags.kubeconfig),
    watchNamespaces: words(flags.watchNamespaces ?? environment["WATCH_NAMESPACE"]),
    engines: engines as { readonly [dialect: string]: Engine },
    leaderElection: flags.leaderElect,
    leaderElectionIds,
    leaderElectionNamespace: flags.leaderElectionNamespace ?? namespace,
    healthAddress: flags.healthProbeBindAddress,
    metricsAddress: flags.metricsBindAddress,
    namespace,
    image: flags.image ?? defaultImage(environment),
    litellmImage: flags.gatewayImage,
    ...given("imagePullPolicy", flags.gatewayImagePullPolicy),
    ...given("ingressClassName", flags.gatewayIngressClassName),
    ...given("agentIngressClassName", flags.agentIngressClassName),
    ...given("agentStorageClassName", flags.agentStorageClassName),
    ...given("ingressControllerNamespace", flags.ingressControllerNamespace),
    ...given("externalScheme", flags.externalScheme),
    apiServerRanges: words(environment["NETWORKPOLICY_API_SERVER_CIDRS"]),
    customRanges: words(environment["NETWORKPOLICY_CUSTOM_CIDRS"]),
    ...(flags.tlsIssuerName === undefined
      ? {}
      : { tlsIssuer: { name: flags.tlsIssuerName, kind: flags.tlsIssuerKind } }),
    concurrency: flags.concurrency,
    ...(flags.disableWebhooks
      ? {}
      : { webhook: { port: flags.webhookPort, ...given("url", flags.webhookUrl) } }),
    networkIsolation: environment["LANGOP_NETWORK_ISOLATION_ENABLED"] !== "false",
    requireNetworkPolicy: flags.requireNetworkPolicy,
    validateDomains: environment["DISABLE_DNS_VALIDATION"] !== "true",
    ...given("otlpEndpoint", otlpEndpoint === "" ? undefined : otlpEndpoint),
    ...(sampler === undefined
      ? {}
      : { otlpSampler: { name: sampler, ...given("argument", samplerArgument) } }),
  };
}

/** Words separated by commas or white space. */
function words(list: string | undefined): readonly string[] {
  return (list ?? "").split(/[\s,]+/u).filter((word) => word !== "");
}

/** `VALUE` for all dialects, `DIALECT=VALUE` for one; later ones win. */
function byDialect(values: readonly string[], flag: string): { readonly [dialect: string]: string } | string {
  const found: Record<string, string> = {};
  for (const value of values) {
    const [first = "", second, ...rest] = value.split("=");
    if (second === undefined) for (const dialect of dialects) found[dialect] = first;
    else if (dialects.includes(first) && rest.length === 0) found[first] = second;
    else return `${flag} ${value}: ${first} is no dialect; they are ${dialects.join(", ")}.`;
  }
  return found;
}

function given<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [N in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [N in Name]?: Value };
}
