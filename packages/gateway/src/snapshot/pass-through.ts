import type { SecretLookup, Settings } from "@gatewright/litellm";
import { picodollars } from "../budget/dollars.ts";
import { routeOf } from "../edge/routes.ts";
import { passThroughHeaders } from "./pass-through-headers.ts";
import { isPlainSubpath } from "./subpath.ts";
import { type TargetQuery, targetQuery } from "./target-query.ts";

/** A path that is handed to a fixed target outside the model routes (`general_settings.pass_through_endpoints`). */
export interface PassThrough {
  /** At the gateway, as configured: for logs. */
  readonly path: string;
  readonly origin: string;
  /** Flat list of configured names, lower case, and values. Holds keys: never printed. */
  readonly headers: readonly string[];
  /** The client's headers go too, and its cookies and credentials with them; never the gateway's key. */
  readonly forwardsHeaders: boolean;
  readonly methods: readonly string[];
  /** A key of the gateway is needed; without it the endpoint is open, as it is in LiteLLM. */
  readonly keyNeeded: boolean;
  /** Picodollars for each request that the target has served. */
  readonly cost: number;
  readonly timeoutMilliseconds: number;
}

/** Where one request goes. */
export interface PassThroughMatch {
  readonly endpoint: PassThrough;
  /** Path and query at the target. */
  readonly target: string;
}

/** The pass-through endpoints of a document. */
export interface PassThroughs {
  /** The endpoint of a request target (path and query); undefined when there is none, or the way leads out of its target. */
  find(target: string): PassThroughMatch | undefined;
  readonly origins: readonly string[];
}

/** What preparing them needs beside the settings. */
export interface PassThroughContext {
  /** Finds what headers refer to, the document's own variables included. */
  readonly lookup: SecretLookup;
  /** References without a value, by path. */
  readonly missing: ReadonlyMap<string, string>;
  readonly timeoutMilliseconds: number;
}

type Configured = NonNullable<NonNullable<Settings["general_settings"]>["pass_through_endpoints"]>[number];

interface Prepared extends PassThrough {
  readonly subpaths: boolean;
  /** Of the target, without a slash at the end where paths below it are served. */
  readonly targetPath: string;
  readonly query: TargetQuery;
}

/** All that HTTP has but CONNECT, and TRACE, which would show the client what headers the target gets. */
const usualMethods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Prepares the endpoints; one that cannot be served is left out with a warning. */
export function passThroughsOf(
  endpoints: readonly Configured[],
  context: PassThroughContext,
): { readonly passThroughs: PassThroughs; readonly warnings: readonly string[] } {
  const prepared = new Map<string, Prepared>();
  const warnings: string[] = [];
  for (const [index, configured] of endpoints.entries()) {
    const place = `general_settings.pass_through_endpoints[${index}]`;
    const path = pathOf(configured);
    const found =
      path !== undefined && prepared.has(path)
        ? "there is another one with the same path"
        : prepare(configured, path, place, context);
    if (typeof found === "string") warnings.push(`${place} (${configured.path}) is not served: ${found}`);
    else prepared.set(found.path, found);
  }
  // The longest first: the nearest to what the client asks for.
  const above = [...prepared.values()]
    .filter(({ subpaths }) => subpaths)
    .toSorted((one, other) => other.path.length - one.path.length);
  return { passThroughs: found(prepared, above), warnings };
}

function found(exact: ReadonlyMap<string, Prepared>, above: readonly Prepared[]): PassThroughs {
  return {
    origins: [...new Set([...exact.values()].map(({ origin }) => origin))],
    find(target) {
      const mark = target.indexOf("?");
      const path = mark < 0 ? target : target.slice(0, mark);
      const endpoint = exact.get(path) ?? above.find((one) => path.startsWith(`${one.path}/`));
      if (endpoint === undefined) return undefined;
      const below = path.slice(endpoint.path.length);
      const query = mark < 0 ? "" : target.slice(mark + 1);
      if ((below !== "" && !isPlainSubpath(below)) || !plainQuery.test(query)) return undefined;
      const sent = targetQuery(query, endpoint.query);
      const way = `${endpoint.targetPath}${below}`;
      return { endpoint, target: (way === "" ? "/" : way) + (sent === "" ? "" : `?${sent}`) };
    },
  };
}

const plainQuery = /^[!-~]*$/;

/** Without a slash at the end; undefined when there is nothing else. */
function pathOf({ path = "" }: Configured): string | undefined {
  const rest = path.trim().replace(/^\/+/, "").replace(/\/+$/, "");
  return rest === "" ? undefined : `/${rest}`;
}

/** A text says why it cannot be served. */
function prepare(
  configured: Configured,
  path: string | undefined,
  place: string,
  context: PassThroughContext,
): Prepared | string {
  if (path === undefined || !isPlainSubpath(path)) return "its path is none";
  if (routeOf(path) !== undefined) return "the gateway itself serves this path";
  const target = targetOf(configured.target);
  if (typeof target === "string") return target;
  const headers = passThroughHeaders(configured.headers ?? {}, `${place}.headers`, context);
  if ("reason" in headers) return headers.reason;
  const subpaths = configured.include_subpath === true;
  const methods = configured.methods?.map((method) => method.toUpperCase()) ?? usualMethods;
  const strange = methods.find((method) => !usualMethods.includes(method));
  if (strange !== undefined) return `the method ${strange} is not passed through`;
  return {
    path,
    origin: target.origin,
    targetPath: subpaths ? target.pathname.replace(/\/+$/, "") : target.pathname,
    subpaths,
    query: {
      own: [...target.searchParams],
      merged: configured.merge_query_params === true,
      defaults: Object.entries(configured.default_query_params ?? {}),
    },
    headers: headers.list,
    forwardsHeaders: configured.forward_headers === true,
    methods,
    keyNeeded: configured.auth === true,
    cost: picodollars(configured.cost_per_request ?? 0),
    timeoutMilliseconds: context.timeoutMilliseconds,
  };
}

function targetOf(text: string | undefined): URL | string {
  const target = URL.parse(text ?? "");
  if (target === null || (target.protocol !== "http:" && target.protocol !== "https:"))
    return "its target is no http or https URL";
  if (target.username !== "" || target.password !== "")
    return "its target holds credentials, which belong into its headers";
  return target;
}
