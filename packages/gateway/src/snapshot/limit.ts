import type { Settings } from "@gatewright/litellm";
import {
  type Limit,
  type LimitOptions,
  type LimitSubject,
  limitOf,
  type QueueSettings,
} from "../limit/limit.ts";
import { agentNames } from "./agent-names.ts";

type Gatewright = NonNullable<Settings["gatewright"]>;
type WrittenLimit = NonNullable<Gatewright["limits"]>[number];
type Key = NonNullable<Gatewright["keys"]>[number];
/** What any account may use. */
type Allowance = Pick<Key, "rpm_limit" | "tpm_limit" | "max_parallel_requests">;

/** A deployment, as far as limits ask. */
export interface LimitedDeployment {
  readonly id: string;
  readonly modelName: string;
  /** Its own `rpm` and `tpm` (litellm.md §2.1). */
  readonly requestsPerMinute: number | undefined;
  readonly tokensPerMinute: number | undefined;
}

/** Limits of a group: what all of its deployments share, and what is left to each, by deployment id. */
export interface GroupLimits {
  readonly shared: readonly Limit[];
  /** To be taken when the deployment is called; those without any are not in it. */
  readonly own: ReadonlyMap<string, readonly Limit[]>;
}

/** The limits of a document. */
export interface Limits {
  /** Of every request. */
  readonly gateway: readonly Limit[];
  /** For the deployments behind one name. */
  ofGroup(deployments: readonly LimitedDeployment[]): GroupLimits;
  /** A key's own, then its user's and its team's (litellm.md §4.3). `hash`: SHA-256 of the key, hexadecimal. */
  ofKey(key: Key, hash: string): readonly Limit[];
  /** An agent, by its id: what the document holds it to, as any key, and as the user of that id. */
  ofAgent(id: string): readonly Limit[];
  /** A customer whom a request names; those the document does not know have no limits, and so no counters. */
  ofCustomer(id: string): readonly Limit[];
}

const QUEUE_SIZE = 100;
const QUEUE_WAIT_SECONDS = 10;

/** Reads every limit of a settled document. */
export function limitsOf(settings: Settings): Limits {
  const { general_settings: general, router_settings: router, gatewright } = settings;
  const all = listedLimits(gatewright?.limits ?? [], agentNames(gatewright?.agents));
  const listed = all.filter(({ written }) => written.agent === undefined);
  const ofAgents = Map.groupBy(all, ({ written }) => written.agent);
  const enforced = router?.optional_pre_call_checks?.includes("enforce_model_rate_limits") === true;
  const tokens = tokenOption(general?.token_rate_limit_type);
  const account = (subject: LimitSubject, id: string, name: string, allowance: Allowance): readonly Limit[] =>
    ready({
      id: `${subject}:${id}`,
      name,
      subject,
      value: id,
      requests: allowance.rpm_limit,
      [tokens]: allowance.tpm_limit,
      parallel: allowance.max_parallel_requests,
    });
  const accounts = <Entry extends Allowance>(
    subject: LimitSubject,
    entries: readonly Entry[] | undefined,
    idOf: (entry: Entry) => string,
  ): ((id: string | undefined) => readonly Limit[]) => {
    const known = new Map<string | undefined, readonly Limit[]>(
      entries?.map((entry) => [idOf(entry), account(subject, idOf(entry), idOf(entry), entry)]),
    );
    return (id) => known.get(id) ?? none;
  };
  const ofTeam = accounts("team", gatewright?.teams, (team) => team.team_id);
  const ofUser = accounts("user", gatewright?.users, (user) => user.user_id);
  const parallelOfKeys = general?.max_parallel_requests;

  return {
    gateway: [
      ...listed
        .filter(({ written }) => written.model === undefined && written.deployment === undefined)
        .flatMap(({ limits }) => limits),
      ...ready({
        id: "gateway",
        name: "global_max_parallel_requests",
        subject: "gateway",
        value: "all requests",
        parallel: general?.global_max_parallel_requests,
      }),
    ],
    ofGroup(deployments) {
      const each = new Map<string, readonly Limit[]>();
      for (const deployment of deployments) {
        const covering = listed.filter(({ written }) => covers(written, deployment, gatewright));
        const limits = covering.flatMap(({ limits }) => limits);
        const own =
          enforced && !covering.some(({ written }) => hasRate(written)) ? ownRates(deployment) : none;
        each.set(deployment.id, [...limits, ...own]);
      }
      return grouped(each);
    },
    ofKey: (key, hash) => [
      ...account("api_key", hash, key.key_alias, {
        ...key,
        max_parallel_requests: key.max_parallel_requests ?? parallelOfKeys,
      }),
      ...ofUser(key.user_id),
      ...ofTeam(key.team_id),
    ],
    ofAgent: (id) => [
      ...(ofAgents.get(id) ?? []).flatMap(({ limits }) => limits),
      ...account("agent", id, "agent keys", { max_parallel_requests: parallelOfKeys }),
      ...ofUser(id),
    ],
    ofCustomer: accounts("end_user", gatewright?.customers, (customer) => customer.user_id),
  };
}

const none: readonly Limit[] = [];

function ready(options: LimitOptions): readonly Limit[] {
  const limit = limitOf(options);
  return limit === undefined ? none : [limit];
}

/** Which tokens `tpm_limit` counts. */
function tokenOption(type: string | undefined): "tokens" | "inputTokens" | "outputTokens" {
  if (type === "input") return "inputTokens";
  return type === "output" ? "outputTokens" : "tokens";
}

interface Listed {
  readonly written: WrittenLimit;
  readonly limits: readonly Limit[];
}

/**
 * `gatewright.limits`, each made once: one that several deployments share is the same object for all. Counters go by
 * the name, those of agents also by the agent: an agent that comes must not begin the counter of a model of its name anew.
 * A name that comes again counts apart.
 */
function listedLimits(
  written: readonly WrittenLimit[],
  names: ReadonlyMap<string, string>,
): readonly Listed[] {
  const seen = new Map<string, number>();
  return written.map((limit) => {
    const id = limit.agent === undefined ? `limit:${limit.name}` : `limit:agent:${limit.agent}:${limit.name}`;
    const times = (seen.get(id) ?? 0) + 1;
    seen.set(id, times);
    const options = listedOptions(limit, `${id}${times === 1 ? "" : `#${times}`}`, names);
    return { written: limit, limits: ready(options) };
  });
}

function listedOptions(written: WrittenLimit, id: string, names: ReadonlyMap<string, string>): LimitOptions {
  const { name, queue } = written;
  const settings: QueueSettings = {
    size: queue?.size ?? QUEUE_SIZE,
    waitMilliseconds: (queue?.wait_seconds ?? QUEUE_WAIT_SECONDS) * 1000,
  };
  return {
    id,
    name,
    ...subjectOf(written, names),
    requests: written.requests_per_minute,
    tokens: written.tokens_per_minute,
    inputTokens: written.input_tokens_per_minute,
    outputTokens: written.output_tokens_per_minute,
    parallel: written.parallel_requests,
    algorithm: written.algorithm === "gcra" ? "gcra" : "fixed-window",
    burst: written.burst,
    queue: settings,
  };
}

function subjectOf(
  { agent, model, deployment }: WrittenLimit,
  names: ReadonlyMap<string, string>,
): Pick<LimitOptions, "subject" | "value"> {
  if (agent !== undefined) return { subject: "agent", value: names.get(agent) ?? agent };
  if (deployment !== undefined) return { subject: "deployment", value: deployment };
  return model === undefined
    ? { subject: "gateway", value: "all requests" }
    : { subject: "model_group", value: model };
}

/** A limit's model is a resource name first, whose deployments are listed or go by its model name, else a model name. */
function covers(
  { model, deployment }: WrittenLimit,
  { id, modelName }: LimitedDeployment,
  gatewright: Gatewright | undefined,
): boolean {
  if (deployment !== undefined && deployment !== id) return false;
  if (model === undefined) return deployment !== undefined;
  const resource = gatewright?.models?.[model];
  if (resource === undefined) return model === modelName;
  return resource.deployments?.includes(id) ?? resource.model_name === modelName;
}

function hasRate(written: WrittenLimit): boolean {
  return (
    written.requests_per_minute !== undefined ||
    written.tokens_per_minute !== undefined ||
    written.input_tokens_per_minute !== undefined ||
    written.output_tokens_per_minute !== undefined
  );
}

/** What `enforce_model_rate_limits` makes of a deployment's own `rpm` and `tpm`. */
function ownRates(deployment: LimitedDeployment): readonly Limit[] {
  return ready({
    id: `deployment:${deployment.id}`,
    name: deployment.id,
    subject: "deployment",
    value: deployment.modelName,
    requests: deployment.requestsPerMinute,
    tokens: deployment.tokensPerMinute,
  });
}

/** What all deployments share is taken once for a request, however often it is tried; the rest with each call. */
function grouped(each: ReadonlyMap<string, readonly Limit[]>): GroupLimits {
  const [first = none, ...others] = each.values();
  const shared = first.filter((limit) => others.every((limits) => limits.includes(limit)));
  const own = new Map<string, readonly Limit[]>();
  for (const [id, limits] of each) {
    const rest = limits.filter((limit) => !shared.includes(limit));
    if (rest.length > 0) own.set(id, rest);
  }
  return { shared, own };
}
