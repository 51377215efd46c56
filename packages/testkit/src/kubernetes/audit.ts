import { open, stat } from "node:fs/promises";

/** One request that the API server got. */
export interface AuditEvent {
  /** When it came, as RFC 3339 with microseconds. */
  readonly time: string;
  readonly user: string;
  readonly userAgent: string;
  /** get, list, watch, create, update, patch, delete, deletecollection; for non-resource addresses the HTTP method. */
  readonly verb: string;
  /** API group, "" for the core group and for addresses that are no resource. */
  readonly group: string;
  /** Plural name, like `configmaps`; "" for addresses that are no resource. */
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly uri: string;
  /** HTTP status of the answer. */
  readonly code: number;
}

/** Who, what and which object of every request, once each, but neither bodies nor the end of watches. */
export const auditPolicy = JSON.stringify({
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [{ level: "Metadata" }],
});

/** The events that stand in an audit log from a position on. No log: none. */
export async function readAuditLog(path: string, from = 0): Promise<readonly AuditEvent[]> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return [];
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.max(0, size - from)), 0, null, from);
    const text = buffer.subarray(0, bytesRead).toString("utf8");
    const events: AuditEvent[] = [];
    // What stands after the last line end is a line that is still being written.
    for (const line of text.slice(0, text.lastIndexOf("\n") + 1).split("\n")) {
      const event = line === "" ? undefined : readEvent(line);
      if (event !== undefined) events.push(event);
    }
    return events;
  } finally {
    await file.close();
  }
}

/** Where the log ends. */
export async function auditLogSize(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

interface LoggedEvent {
  readonly stage: string;
  readonly requestReceivedTimestamp: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly user?: { readonly username?: string };
  readonly userAgent?: string;
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
}

function readEvent(line: string): AuditEvent | undefined {
  const event = JSON.parse(line) as LoggedEvent;
  // A long request (a watch) is told twice: when its answer begins and when it ends, which may be never.
  const long = event.verb === "watch" || /[?&]follow=true/.test(event.requestURI);
  if (long ? event.stage !== "ResponseStarted" : event.stage === "ResponseStarted") return undefined;
  const { objectRef } = event;
  return {
    time: event.requestReceivedTimestamp,
    user: event.user?.username ?? "",
    userAgent: event.userAgent ?? "",
    verb: event.verb,
    group: objectRef?.apiGroup ?? "",
    resource: objectRef?.resource ?? "",
    subresource: objectRef?.subresource ?? "",
    namespace: objectRef?.namespace ?? "",
    name: objectRef?.name ?? "",
    uri: event.requestURI,
    code: event.responseStatus?.code ?? 0,
  };
}
