/** The LiteLLM release whose "current" behaviour is imitated (litellm.md §8.1); clients read it as `litellm_version`. */
export const litellmVersion = "1.96.0";

/** `GET /health/liveliness` and `/health/liveness`: a JSON string (litellm.md §3.5). */
export const alive = "I'm alive!";

/** What `readiness` tells beyond LiteLLM's fields. */
export interface ReadinessState {
  /** On the way out: nothing new should be sent here. */
  readonly draining: boolean;
  /** SHA-256 of the document that is served. */
  readonly digest: string;
  /** Why the newest document is not the one that is served; empty when it is. */
  readonly problems: readonly string[];
  /** What does not work as the served document means it. */
  readonly warnings: readonly string[];
  /** Absent when the gateway keeps no accounts. */
  readonly database?: "connected" | "Not connected";
  readonly cache?: string;
  readonly successCallbacks?: readonly string[];
}

/** What a gateway adds to LiteLLM's readiness, for the operator and for people: which document it serves, and how well. */
export interface ReadinessDetail {
  /** SHA-256 of the delivered bytes of the document that is served, 64 hexadecimal characters (`digestOf`). */
  readonly config_digest: string;
  /** Why a newer document was refused, so that the one served is not the newest; empty when it is. No secrets, cut short. */
  readonly config_problems: readonly string[];
  /** What does not work as the document means it, though it is served: agent keys that nobody can check, for example. */
  readonly config_warnings: readonly string[];
}

/** Body of `GET /health/readiness`: LiteLLM's members first, then ours. */
export interface ReadinessBody extends ReadinessDetail {
  readonly status: "healthy" | "draining";
  readonly db: "connected" | "Not connected";
  readonly cache: string | null;
  readonly litellm_version: string;
  readonly success_callbacks: readonly string[];
  readonly use_aiohttp_transport: boolean;
  readonly log_level: string;
  readonly is_detailed_debug: boolean;
}

/** Body of `GET /health/readiness` (litellm.md §3.5). Send it with 503 while draining, else with 200. */
export function readiness(state: ReadinessState): ReadinessBody {
  return {
    status: state.draining ? "draining" : "healthy",
    db: state.database ?? "Not connected",
    cache: state.cache ?? null,
    litellm_version: litellmVersion,
    success_callbacks: state.successCallbacks ?? [],
    use_aiohttp_transport: false,
    log_level: "INFO",
    is_detailed_debug: false,
    config_digest: state.digest,
    config_problems: shortened(state.problems),
    config_warnings: shortened(state.warnings),
  };
}

/**
 * The gateway's own part of a readiness answer, whatever its status, read from its text; undefined for anything else,
 * such as the answer of a LiteLLM image.
 */
export function readinessDetail(body: string): ReadinessDetail | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== "object" || value === null || !("config_digest" in value)) return undefined;
    const { config_digest: digest } = value;
    if (typeof digest !== "string") return undefined;
    return {
      config_digest: digest,
      config_problems: "config_problems" in value ? texts(value.config_problems) : [],
      config_warnings: "config_warnings" in value ? texts(value.config_warnings) : [],
    };
  } catch {
    return undefined;
  }
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** Readiness is asked every few seconds and shown in events and conditions: the log has the rest. */
const SHOWN_TEXTS = 5;
const SHOWN_CHARACTERS = 400;

function shortened(all: readonly string[]): readonly string[] {
  const shown = all
    .slice(0, SHOWN_TEXTS)
    .map((text) => (text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text));
  return all.length > SHOWN_TEXTS ? [...shown, `and ${all.length - SHOWN_TEXTS} more`] : shown;
}

/** One deployment as `GET /health` lists it. */
export interface HealthEndpoint {
  readonly model: string;
  readonly api_base?: string;
  readonly model_id?: string;
  readonly error?: string;
}

/** Body of `GET /health` (litellm.md §3.5). */
export interface HealthBody {
  readonly healthy_endpoints: readonly HealthEndpoint[];
  readonly unhealthy_endpoints: readonly HealthEndpoint[];
  readonly healthy_count: number;
  readonly unhealthy_count: number;
}

/** Body of `GET /health` from the deployments that work and those that do not. */
export function healthBody(
  healthy: readonly HealthEndpoint[],
  unhealthy: readonly HealthEndpoint[],
): HealthBody {
  return {
    healthy_endpoints: healthy,
    unhealthy_endpoints: unhealthy,
    healthy_count: healthy.length,
    unhealthy_count: unhealthy.length,
  };
}
