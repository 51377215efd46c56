import { type Operation, operations } from "@gatewright/providers";
import { operationFacts } from "./operations.ts";

/** What a path is for. `path` is the documented spelling, used in logs and metrics. */
export type Route =
  | {
      readonly kind: "operation";
      readonly operation: Operation;
      readonly path: string;
      readonly model?: string;
    }
  | { readonly kind: "models"; readonly path: string }
  | { readonly kind: "model"; readonly path: string; readonly model: string }
  | { readonly kind: "decisions"; readonly path: string }
  | { readonly kind: "decision"; readonly path: string; readonly id: string }
  | { readonly kind: "liveness" | "readiness" | "health" | "metrics" | "root"; readonly path: string };

/** Ends of the paths that name the model, the longer of two that end alike first. */
const modelPaths: readonly (readonly [suffix: string, operation: Operation])[] = operations.flatMap(
  (operation) => {
    const { modelPath } = operationFacts[operation];
    return modelPath === undefined ? [] : [[modelPath, operation] as const];
  },
);

/** Prefixes of the forms that name the model in the path (litellm.md §3.2). */
const modelPrefixes = ["/openai/deployments/", "/engines/", "/v1/engines/"] as const;

const exact: ReadonlyMap<string, Route> = new Map<string, Route>([
  ...operations.flatMap((operation) =>
    operationFacts[operation].paths.map((path): [string, Route] => [
      path,
      { kind: "operation", operation, path },
    ]),
  ),
  ["/models", { kind: "models", path: "/models" }],
  ["/v1/models", { kind: "models", path: "/v1/models" }],
  ["/health", { kind: "health", path: "/health" }],
  ["/health/liveliness", { kind: "liveness", path: "/health/liveliness" }],
  ["/health/liveness", { kind: "liveness", path: "/health/liveness" }],
  ["/health/readiness", { kind: "readiness", path: "/health/readiness" }],
  ["/metrics", { kind: "metrics", path: "/metrics" }],
  ["/metrics/", { kind: "metrics", path: "/metrics" }],
  ["/", { kind: "root", path: "/" }],
  ["/gatewright/requests", { kind: "decisions", path: "/gatewright/requests" }],
]);

/** The route of a request target (path and query, as it stands in the request line); undefined when there is none. */
export function routeOf(target: string): Route | undefined {
  const query = target.indexOf("?");
  const path = query < 0 ? target : target.slice(0, query);
  return exact.get(path) ?? modelInPath(path) ?? decisionInPath(path);
}

/** Methods a route answers, for 405. */
export function methodsOf(route: Route): readonly string[] {
  if (route.kind === "operation") return ["POST"];
  if (route.kind === "liveness" || route.kind === "readiness") return ["GET", "HEAD", "OPTIONS"];
  return ["GET", "HEAD"];
}

function modelInPath(path: string): Route | undefined {
  for (const prefix of ["/v1/models/", "/models/"]) {
    if (path.startsWith(prefix) && path.length > prefix.length) {
      const model = decoded(path.slice(prefix.length));
      return model === undefined ? undefined : { kind: "model", path: `${prefix}{model}`, model };
    }
  }
  for (const prefix of modelPrefixes) {
    if (!path.startsWith(prefix)) continue;
    for (const [suffix, operation] of modelPaths) {
      if (!path.endsWith(suffix) || path.length <= prefix.length + suffix.length) continue;
      const model = decoded(path.slice(prefix.length, -suffix.length));
      // `/completions` also ends `/chat/completions`, which comes first.
      return model === undefined
        ? undefined
        : { kind: "operation", operation, path: `${prefix}{model}${suffix}`, model };
    }
  }
  return undefined;
}

function decisionInPath(path: string): Route | undefined {
  const prefix = "/gatewright/requests/";
  if (!path.startsWith(prefix) || path.length === prefix.length) return undefined;
  const id = decoded(path.slice(prefix.length));
  return id === undefined ? undefined : { kind: "decision", path: `${prefix}{id}`, id };
}

/** Model names may hold slashes, written plainly or as %2F. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
