import {
  createFaultyTransport,
  type FaultyTransport,
  type KubernetesAccess,
  sharedKubernetes,
  uniqueName,
  waitFor,
  within,
} from "@gatewright/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "./clock.ts";
import { connect, type Logger } from "./index.ts";
import { createElection, type Election } from "./lease.ts";

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** As the real ones, a tenth as long, so that a takeover takes two seconds. */
const times = { durationMilliseconds: 2000, deadlineMilliseconds: 1200, retryMilliseconds: 200 };

let kubernetes: KubernetesAccess;
const namespace = uniqueName("lease");
let name: string;
const candidates: Candidate[] = [];

interface Candidate extends Election {
  readonly transport: FaultyTransport;
  /** Ends as a process does that is told to end. */
  leave(): Promise<void>;
  close(): Promise<void>;
}

beforeAll(async () => {
  kubernetes = await sharedKubernetes();
  await kubernetes.api("POST", "/api/v1/namespaces", { metadata: { name: namespace } });
});

afterAll(() => kubernetes.api("DELETE", `/api/v1/namespaces/${namespace}`));

beforeEach(() => {
  name = uniqueName("gatewright");
});

afterEach(async () => {
  await Promise.all(candidates.splice(0).map((candidate) => candidate.close()));
});

async function stand(identity: string): Promise<Candidate> {
  const { transport: real } = await connect({ kubeconfig: kubernetes.kubeconfig, userAgent: identity });
  const transport = createFaultyTransport(real);
  const election = createElection(
    { name, namespace, identity, ...times },
    { transport, clock: systemClock, random: Math.random, logger: silent },
  );
  const abort = new AbortController();
  const running = election.run(abort.signal);
  const candidate: Candidate = {
    identity,
    transport,
    acquired: election.acquired,
    lost: election.lost,
    get leading() {
      return election.leading;
    },
    run: (signal) => election.run(signal),
    release: () => election.release(),
    async leave() {
      abort.abort();
      await running;
      await election.release();
    },
    async close() {
      abort.abort();
      transport.revive();
      await running;
      await transport.close();
    },
  };
  candidates.push(candidate);
  return candidate;
}

const path = (): string => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`;

async function lease(): Promise<{ readonly [member: string]: unknown }> {
  return (await kubernetes.api("GET", path())).body.spec;
}

async function leader(candidate: Candidate): Promise<Candidate> {
  await within(`${candidate.identity} to lead`, candidate.acquired);
  return candidate;
}

describe("an election", () => {
  it("has one leader among many that start at once, for as long as it lives", async () => {
    const all = await Promise.all(["a", "b", "c", "d"].map(stand));
    await within("a leader", Promise.race(all.map(({ acquired }) => acquired)));
    const renewals = (): number => all.reduce((sum, { transport }) => sum + transport.writes.length, 0);
    const before = renewals();
    let most = 0;
    await waitFor("renewals over more than one lease duration", () => {
      most = Math.max(most, all.filter(({ leading }) => leading).length);
      return renewals() > before + 12;
    });
    expect(most).toBe(1);
    expect(await lease()).toMatchObject({
      holderIdentity: all.find(({ leading }) => leading)?.identity,
      leaseTransitions: 0,
      leaseDurationSeconds: 2,
    });
  });

  it("hands over at once when the leader ends as it should", async () => {
    const first = await leader(await stand("first"));
    const second = await stand("second");
    await waitFor("the second to look", () => second.transport.requests.length > 1);
    await first.leave();
    expect(first.leading).toBe(false);
    const left = performance.now();
    await leader(second);
    expect(performance.now() - left, "without waiting for the lease to expire").toBeLessThan(1500);
    expect(await lease()).toMatchObject({ holderIdentity: "second", leaseTransitions: 1 });
  });

  it("goes to another when the leader dies, and never has two at once", async () => {
    const first = await leader(await stand("first"));
    const second = await stand("second");
    await waitFor("the second to look", () => second.transport.requests.length > 1);
    first.transport.inject({ fault: { kind: "unreachable" } });
    await within("the first to notice", first.lost);
    expect([first.leading, second.leading]).toEqual([false, false]);
    await leader(second);
    expect(first.leading).toBe(false);
  });

  it("is lost in time when the server does not answer, although the last renewal is never refused", async () => {
    const first = await leader(await stand("first"));
    first.transport.inject({ fault: { kind: "stall" } });
    const why = await within("the first to notice", first.lost);
    expect(why.message).toContain("could not be renewed for 1200 ms");
  });

  it("is lost at once when somebody else holds the lease", async () => {
    const first = await leader(await stand("first"));
    await kubernetes.api("PATCH", path(), { spec: { holderIdentity: "thief" } });
    const why = await within("the first to notice", first.lost);
    expect(why.message).toContain("thief holds it");
    expect(first.leading).toBe(false);
  });

  it("survives that others write to the lease, and answers that get lost", async () => {
    const first = await leader(await stand("first"));
    await kubernetes.api("PATCH", path(), { metadata: { annotations: { seen: "yes" } } });
    first.transport.inject({
      when: ({ method }) => method === "PUT",
      times: 2,
      fault: { kind: "answerLost" },
    });
    const before = first.transport.writes.length;
    await waitFor("renewals", () => first.transport.writes.length > before + 8);
    expect(first.leading).toBe(true);
    expect((await kubernetes.api("GET", path())).body.metadata.annotations).toEqual({ seen: "yes" });
  });

  it("is lost when the process stood still past the deadline, before anything else runs", async () => {
    const first = await leader(await stand("first"));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1300);
    expect(first.leading).toBe(false);
    await within("the first to notice", first.lost);
  });

  it.each([
    { name: "past", renewTime: "2001-01-01T00:00:00.000000Z" },
    { name: "future", renewTime: "2101-01-01T00:00:00.000000Z" },
  ])(
    "trusts no other clock: a holder whose times lie in the $name has one duration from now",
    async ({ renewTime }) => {
      await kubernetes.api("POST", path().replace(`/${name}`, ""), {
        metadata: { name },
        spec: { holderIdentity: "other", leaseDurationSeconds: 1, renewTime, leaseTransitions: 4 },
      });
      const began = performance.now();
      await leader(await stand("first"));
      const took = performance.now() - began;
      expect(took).toBeGreaterThan(1000);
      expect(await lease()).toMatchObject({ holderIdentity: "first", leaseTransitions: 5 });
    },
  );
});
