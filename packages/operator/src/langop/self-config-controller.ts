import {
  decideSelfConfig,
  languageAgentSelfConfig,
  readSpec,
  type SelfConfigOutcome,
  selfConfigStatus,
} from "@gatewright/dialects";
import {
  ApiError,
  type Controller,
  done,
  errorText,
  type KubernetesObject,
  type Outcome,
  objectKey,
  source,
  timestamp,
  wait,
} from "@gatewright/reconcile";
import type { LangopContext } from "./context.ts";
import { hasFinalizer, removeFinalizer } from "./finalizer.ts";
import { langopTypes } from "./langop-types.ts";
import { resourceOf } from "./resource.ts";
import { createStatusWriter } from "./status-writer.ts";

const manager = "gatewright-languageagentselfconfig";
const type = langopTypes.LanguageAgentSelfConfig;

/** Seconds for which a request is kept after it was decided (langop.md §2.6). */
const keptSeconds = 3_600;

/**
 * Carries out what agents ask to change about themselves (langop.md §2.6), each request once. A key is an agent: its
 * requests are carried out one after the other, the oldest first, so that the last word counts.
 */
export function selfConfigController(
  context: LangopContext,
  options: { readonly concurrency: number },
): Controller {
  const { client, stores, events, now } = context;
  const status = createStatusWriter({ client, type, events, now });
  stores.selfConfigs.onChange((key, _, current) => {
    if (current === undefined) status.forget(key);
  });

  async function reconcile(key: string): Promise<Outcome> {
    const [namespace = ""] = key.split("/");
    const requests = stores.selfConfigs.store
      .by("namespace", namespace)
      .filter((request) => agentKeyOf(request) === key)
      .sort(byAge);
    const looks: number[] = [];
    for (const request of requests) {
      // Ours have none; one of the replaced operator's must not stand in the way.
      if (request.metadata.deletionTimestamp !== undefined) await removeFinalizer(client, type, request);
      else if (isDecided(request)) looks.push(await expire(request));
      else if ((await carryOut(request)) === "changed-meanwhile") return wait("ChangedMeanwhile", 1);
    }
    const next = looks.filter((seconds) => seconds > 0);
    return next.length === 0 ? done : wait("KeptForAnHour", Math.min(...next));
  }

  /** Deletes a request whose hour is over; seconds until then, 0 when it is gone. */
  async function expire(request: KubernetesObject): Promise<number> {
    const { creationTimestamp = "", uid } = request.metadata;
    const decided = Date.parse(statusOf(request).completionTime ?? creationTimestamp);
    const seconds = decided / 1000 + keptSeconds - now() / 1000;
    if (seconds > 0) return seconds;
    if (hasFinalizer(request)) await removeFinalizer(client, type, request);
    await client.delete(type, objectKey(request), uid === undefined ? {} : { uid });
    return 0;
  }

  /**
   * Both objects are read, not taken from the watch: a decision is final, so it must not be one about an agent that the
   * watch does not show yet, nor be taken once more because the watch does not show the first one.
   */
  async function carryOut(watched: KubernetesObject): Promise<"decided" | "changed-meanwhile"> {
    const request = await client.get(type, objectKey(watched));
    if (request === undefined || isDecided(request) || request.metadata.deletionTimestamp !== undefined) {
      return "decided";
    }
    const { spec, findings } = readSpec(languageAgentSelfConfig, resourceOf(request));
    if (spec === undefined) {
      const message = findings.find(({ effect }) => effect === "blocked")?.text ?? "Its spec cannot be read.";
      await report(request, { kind: "failed", reason: "InvalidField", message });
      return "decided";
    }
    const { namespace = "" } = request.metadata;
    const agent = await client.get(langopTypes.LanguageAgent, { namespace, name: spec.instanceRef });
    if (agent === undefined || agent.metadata.deletionTimestamp !== undefined) {
      const message = `There is no LanguageAgent ${spec.instanceRef} to change.`;
      await report(request, { kind: "failed", reason: "AgentNotFound", message });
      return "decided";
    }
    const decision = decideSelfConfig(spec, resourceOf(agent));
    if (decision.kind !== "allowed") {
      await report(request, decision);
      return "decided";
    }
    const outcome = await change(request, agent, decision);
    if (outcome === "changed-meanwhile") return outcome;
    await report(request, outcome);
    return "decided";
  }

  /**
   * The version is part of the patch: its lists are made of those that were read. Killed before the status is written, the
   * next pass finds everything as it should be.
   */
  async function change(
    request: KubernetesObject,
    agent: KubernetesObject,
    { patch, message }: { readonly patch: object; readonly message: string },
  ): Promise<SelfConfigOutcome | "changed-meanwhile"> {
    if (Object.keys(patch).length === 0) return { kind: "applied", reason: "Unchanged", message };
    const { resourceVersion } = agent.metadata;
    try {
      const body = { metadata: { resourceVersion }, spec: patch };
      await client.mergePatch(langopTypes.LanguageAgent, objectKey(agent), body, { manager });
    } catch (error) {
      if (ApiError.is(error, "Conflict", "NotFound")) return "changed-meanwhile";
      if (ApiError.is(error, "Invalid", "BadRequest", "Forbidden")) {
        return {
          kind: "failed",
          reason: "Refused",
          message: `The API server refuses it: ${errorText(error)}`,
        };
      }
      const text = `It could not be carried out yet: ${errorText(error)}`;
      await report(request, { kind: "pending", reason: "Pending", message: text });
      throw error;
    }
    const note = `${message} LanguageAgentSelfConfig ${request.metadata.name} asked for it.`;
    const event = { reason: "SelfConfigured", action: "SelfConfigure", note: note.slice(0, 1_000) };
    events.event(agent, { type: "Normal", ...event });
    return { kind: "applied", reason: "Applied", message };
  }

  async function report(request: KubernetesObject, outcome: SelfConfigOutcome): Promise<void> {
    await status.write(request, selfConfigStatus(resourceOf(request), outcome, timestamp(now())), []);
  }

  return {
    name: "languageagentselfconfig",
    concurrency: options.concurrency,
    sources: [source(stores.selfConfigs, (request) => [agentKeyOf(request)])],
    reconcile,
  };
}

interface RequestStatus {
  readonly phase?: string;
  readonly completionTime?: string;
}

function statusOf(request: KubernetesObject): RequestStatus {
  return (request["status"] ?? {}) as RequestStatus;
}

const final: ReadonlySet<string> = new Set(["Applied", "Failed", "Denied"]);

/** What has been decided stands, whatever becomes of the request or the agent. */
function isDecided(request: KubernetesObject): boolean {
  return final.has(statusOf(request).phase ?? "");
}

function agentKeyOf({ metadata, spec }: KubernetesObject): string {
  const { instanceRef = "" } = (spec ?? {}) as { readonly instanceRef?: string };
  return `${metadata.namespace ?? ""}/${instanceRef}`;
}

/** Requests of one second come in the order in which they were written, where nothing has been said of them yet. */
function byAge({ metadata: one }: KubernetesObject, { metadata: other }: KubernetesObject): number {
  const [a = "", b = ""] = [one.creationTimestamp, other.creationTimestamp];
  if (a !== b) return a < b ? -1 : 1;
  return Number(one.resourceVersion) - Number(other.resourceVersion) || (one.name < other.name ? -1 : 1);
}
