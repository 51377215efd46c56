import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { ApiError } from "./api-error.ts";
import { type Clock, pause } from "./clock.ts";
import { type LeaseSpec, leaseRecord, microTime } from "./lease-record.ts";
import { errorText, type Logger } from "./logger.ts";
import type { Transport } from "./transport.ts";

/** The Lease (coordination.k8s.io/v1) whose holder may act. The times are those of the Kubernetes controllers. */
export interface LeaseOptions {
  readonly name: string;
  readonly namespace: string;
  /** Who holds it; default the host's name and a random id, so that a restarted process is somebody else. */
  readonly identity?: string;
  /** Others may take the lease when its holder has not renewed it for so long; default 15,000. */
  readonly durationMilliseconds?: number;
  /** The holder stops acting when it could not renew for so long; default 10,000. Must be less than the duration. */
  readonly deadlineMilliseconds?: number;
  /** Between two attempts to take or renew it; default 2,000. */
  readonly retryMilliseconds?: number;
}

/** Standing for a lease. */
export interface Election {
  readonly identity: string;
  /** Whether this process may act at this very moment. False as soon as the deadline has passed, noticed or not. */
  readonly leading: boolean;
  /** Resolves when the lease was taken. */
  readonly acquired: Promise<void>;
  /** Resolves with why, when the lease was taken and then lost. It is not stood for again. */
  readonly lost: Promise<Error>;
  /** Stands for the lease, then holds it, until it is lost or the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** Gives the lease back, if it is held, so that the next need not wait for it to expire. Never rejects. */
  release(): Promise<void>;
}

/** What an attempt came to: the lease is ours, or another's. */
type Attempt = { readonly kind: "ours" } | { readonly kind: "held"; readonly holder: string };

export function createElection(
  options: LeaseOptions,
  context: {
    readonly transport: Transport;
    readonly clock: Clock;
    readonly random: () => number;
    readonly logger: Logger;
    readonly leading?: (leading: boolean) => void;
  },
): Election {
  const { clock, logger, transport } = context;
  const { name, namespace, identity = `${hostname()}_${randomUUID()}` } = options;
  const duration = options.durationMilliseconds ?? 15_000;
  const deadline = options.deadlineMilliseconds ?? 10_000;
  const retry = options.retryMilliseconds ?? 2_000;
  /** Half the deadline, so that a request that hangs leaves time for another; never past it, so that a loss shows in time. */
  const patience = (): number =>
    phase === "leading"
      ? Math.max(0, Math.min(deadline / 2, deadline - (clock.monotonic() - renewedAt)))
      : deadline / 2;
  const record = leaseRecord({ name, namespace }, { transport, clock, patience });
  const fields = { lease: `${namespace}/${name}`, identity };

  let phase: "standing" | "leading" | "over" = "standing";
  /** When the last successful renewal was sent. */
  let renewedAt = 0;
  let trouble = "";
  let resolveAcquired: () => void = () => {};
  let resolveLost: (why: Error) => void = () => {};
  const acquired = new Promise<void>((resolve) => {
    resolveAcquired = resolve;
  });
  const lost = new Promise<Error>((resolve) => {
    resolveLost = resolve;
  });

  const overdue = (): boolean => clock.monotonic() - renewedAt >= deadline;

  const specNow = (previous: LeaseSpec | undefined): LeaseSpec => {
    const now = microTime(clock.now());
    const again = previous?.holderIdentity === identity;
    return {
      holderIdentity: identity,
      leaseDurationSeconds: Math.max(1, Math.ceil(duration / 1000)),
      acquireTime: (again ? previous.acquireTime : undefined) ?? now,
      renewTime: now,
      leaseTransitions: (previous?.leaseTransitions ?? 0) + (again || previous === undefined ? 0 : 1),
    };
  };

  const attempt = async (): Promise<Attempt> => {
    // Who holds the lease writes at once; only a conflict shows that something is not as it was left.
    if (record.spec?.holderIdentity !== identity) {
      await record.read();
      const { holderIdentity = "", leaseDurationSeconds } = record.spec ?? {};
      const lasts = leaseDurationSeconds === undefined ? duration : leaseDurationSeconds * 1000;
      if (holderIdentity !== "" && holderIdentity !== identity && record.age() <= lasts) {
        return { kind: "held", holder: holderIdentity };
      }
    }
    await record.write(specNow(record.spec));
    return { kind: "ours" };
  };

  const tell = (error: unknown, what: string): void => {
    const text = errorText(error);
    if (text === trouble) return;
    trouble = text;
    logger.warn({ ...fields, error: text }, what);
  };

  /** Stands until the lease is ours; false when the signal aborted. */
  const stand = async (signal: AbortSignal): Promise<boolean> => {
    let holder = "";
    while (!signal.aborted) {
      const sentAt = clock.monotonic();
      try {
        const came = await attempt();
        trouble = "";
        if (came.kind === "ours") {
          renewedAt = sentAt;
          if (!overdue()) return true;
        } else if (came.holder !== holder) {
          holder = came.holder;
          logger.info({ ...fields, holder }, "another process leads, standing by");
        }
      } catch (error) {
        // Another candidate was faster: what every election has.
        if (!ApiError.is(error, "Conflict", "AlreadyExists")) tell(error, "cannot take the lease");
      }
      await pause(clock, retry * (1 + 0.2 * context.random()), signal);
    }
    return false;
  };

  /** Renews until that fails for too long; answers why, or undefined when the signal aborted. */
  const hold = async (signal: AbortSignal): Promise<Error | undefined> => {
    for (;;) {
      const remaining = deadline - (clock.monotonic() - renewedAt);
      await pause(clock, Math.min(retry, Math.max(0, remaining)), signal);
      if (signal.aborted) return undefined;
      if (overdue()) return lossOf(`it could not be renewed for ${deadline} ms`);
      const sentAt = clock.monotonic();
      try {
        const came = await renewInTime();
        if (came.kind === "held") return lossOf(`${came.holder} holds it`);
        renewedAt = sentAt;
        trouble = "";
      } catch (error) {
        tell(error, "cannot renew the lease");
      }
    }
  };

  /** A conflict is looked into at once: somebody else may be acting already. */
  const renewInTime = async (): Promise<Attempt> => {
    try {
      return await attempt();
    } catch (error) {
      if (!ApiError.is(error, "Conflict")) throw error;
      return attempt();
    }
  };

  const lossOf = (why: string): Error => new Error(`the lease ${namespace}/${name} is lost: ${why}`);

  return {
    identity,
    acquired,
    lost,
    get leading() {
      return phase === "leading" && !overdue();
    },
    async run(signal) {
      context.leading?.(false);
      if (!(await stand(signal))) return;
      phase = "leading";
      logger.info(fields, "leads");
      context.leading?.(true);
      resolveAcquired();
      const why = await hold(signal);
      if (why === undefined) return;
      phase = "over";
      context.leading?.(false);
      logger.error({ ...fields, error: why.message }, "leads no more");
      resolveLost(why);
    },
    async release() {
      const held = phase !== "over" && record.spec?.holderIdentity === identity;
      phase = "over";
      context.leading?.(false);
      if (!held) return;
      const spec: LeaseSpec = {
        holderIdentity: "",
        leaseDurationSeconds: 1,
        renewTime: microTime(clock.now()),
        leaseTransitions: record.spec?.leaseTransitions ?? 0,
      };
      try {
        await record.write(spec);
        logger.info(fields, "gave the lease back");
      } catch (error) {
        tell(error, "cannot give the lease back, it will expire");
      }
    },
  };
}
