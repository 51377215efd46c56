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
  /** Absent when the gateway keeps no accounts. */
  readonly database?: "connected" | "Not connected";
  readonly cache?: string;
  readonly successCallbacks?: readonly string[];
}

/** Body of `GET /health/readiness`: LiteLLM's members first, then ours. */
export interface ReadinessBody {
  readonly status: "healthy" | "draining";
  readonly db: "connected" | "Not connected";
  readonly cache: string | null;
  readonly litellm_version: string;
  readonly success_callbacks: readonly string[];
  readonly use_aiohttp_transport: boolean;
  readonly log_level: string;
  readonly is_detailed_debug: boolean;
  readonly config_digest: string;
  readonly config_problems: readonly string[];
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
    config_problems: state.problems,
  };
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
