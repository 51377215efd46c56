import { admit } from "@gatewright/dialects";
import { type Client, type Clock, errorText, type Logger, systemClock } from "@gatewright/reconcile";
import { admissionWorld, type ReviewStores } from "./admission-world.ts";
import { ensureCertificate } from "./certificate-secret.ts";
import { ensureConfiguration, type WebhookPlace } from "./webhook-configuration.ts";
import { startWebhookServer } from "./webhook-server.ts";

/** How the admission webhook runs. */
export interface WebhookOptions {
  readonly client: Client;
  /** 0: a free one. */
  readonly port: number;
  /** Address to listen on; all of them when unset. */
  readonly host?: string;
  /** Namespace of the operator, where its certificate and its Service are. */
  readonly namespace: string;
  /** `https://host:port` by which the API server reaches an operator outside the cluster; a Service when unset. */
  readonly url?: string;
  readonly stores: ReviewStores;
  readonly logger: Logger;
  readonly clock?: Clock;
}

/** A webhook that runs. */
export interface RunningWebhook {
  /** Where it listens, on this machine. */
  readonly url: string;
  close(): Promise<void>;
}

const serviceName = "gatewright-webhook";
/** How often the certificate and the configuration are looked at: they are months from their end, but can be deleted. */
const refreshMilliseconds = 600_000;
const firstRetryMilliseconds = 1_000;

/**
 * Serves the reviews of all kinds of the dialect, in every replica. Certificate and configuration are looked
 * after by all of them; where the API server cannot be reached, or does not allow it, that is tried again, and the
 * controllers go on meanwhile.
 */
export async function startWebhook(options: WebhookOptions): Promise<RunningWebhook> {
  const { client, namespace, url, stores, logger, clock = systemClock } = options;
  const world = admissionWorld(stores);
  const server = await startWebhookServer({
    port: options.port,
    ...(options.host === undefined ? {} : { host: options.host }),
    admit: (kind, object, old, requester) => admit(kind, object, old, world, requester),
    logger,
  });
  const place: WebhookPlace =
    url === undefined ? { kind: "service", namespace, name: serviceName } : { kind: "url", url };
  const hosts = hostsOf(place);
  let shown = "";
  let stopped = false;
  let cancel = (): void => {};
  let failures = 0;

  const refresh = async (): Promise<void> => {
    const certificate = await ensureCertificate(client, namespace, hosts, clock.now());
    // The certificate is shown before anybody is told to trust it: a review between the two fails either way.
    if (certificate.serving.certificate !== shown) {
      server.use(certificate.serving);
      shown = certificate.serving.certificate;
    }
    if ((await ensureConfiguration(client, place, certificate.bundle)) === "configured") {
      logger.info({ place }, "the API server is told where the webhook is");
    }
  };
  const run = async (): Promise<void> => {
    try {
      await refresh();
      failures = 0;
    } catch (error) {
      failures += 1;
      logger.warn(
        { error: errorText(error) },
        "the webhook's certificate or configuration could not be seen to",
      );
    }
    if (stopped) return;
    const retry = Math.min(firstRetryMilliseconds * 2 ** (failures - 1), refreshMilliseconds);
    cancel = clock.after(failures === 0 ? refreshMilliseconds : retry, () => {
      running = run();
    });
  };
  let running = run();
  await running;
  return {
    url: `https://127.0.0.1:${server.port}`,
    async close() {
      stopped = true;
      cancel();
      await running;
      await server.close();
    },
  };
}

/** The names under which the API server calls, for the certificate. */
function hostsOf(place: WebhookPlace): readonly string[] {
  if (place.kind === "url") return [new URL(place.url).hostname.replace(/^\[|\]$/gu, "")];
  const service = `${place.name}.${place.namespace}`;
  return [`${service}.svc`, `${service}.svc.cluster.local`, service];
}
