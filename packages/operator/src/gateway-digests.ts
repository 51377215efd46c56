import process from "node:process";
import { type ReadinessDetail, readinessDetail } from "@gatewright/litellm";
import type { GatewayPod } from "./gateway-pod.ts";

/** How many pods serve which document. */
export interface Served {
  /** Ready pods. */
  readonly pods: number;
  /** Those among them that say they serve the wanted digest. */
  readonly serving: number;
  /** Those that could not be asked. */
  readonly unreachable: number;
  /** Those that say they serve another one. */
  readonly behind: readonly GatewayPod[];
  /** Why one of them does not serve it, in its own words. */
  readonly refusal?: string;
}

/** Where a pod's port is reached from here; in a cluster, at its own address. */
export type Reach = (address: string, port: number) => { readonly host: string; readonly port: number };

/** Asks gateway pods which document they serve. */
export interface DigestReader {
  served(pods: readonly GatewayPod[], digest: string): Promise<Served>;
  /** Forgets a pod that is gone. */
  forget(uid: string): void;
}

// Not `fetch`, and no import statement: either would load what Node's fetch is made of, about 40 ms of start and 5 MB.
const { get } = process.getBuiltinModule("node:http");

/** Milliseconds a pod may take to answer. */
const patience = 2_000;

/** Characters a pod may answer with. */
const longestAnswer = 65_536;

/** A reader that asks a pod only until it serves what it should: at rest nobody is asked. */
export function createDigestReader(options: { readonly reach: Reach; readonly port: number }): DigestReader {
  // Only what was wanted and found. Of a pod that was behind nothing is known: were what it served then wanted again,
  // it may have moved on to what was wanted in between.
  const known = new Map<string, string>();
  return {
    async served(pods, digest) {
      const ready = pods.filter((pod) => pod.ready && !pod.terminating);
      const answers = await Promise.all(
        ready.map(async (pod) => {
          if (known.get(pod.uid) === digest) return { pod, serves: true, problems: [] };
          known.delete(pod.uid);
          const detail = await ask(pod, options);
          if (detail === undefined) return undefined;
          const serves = detail.config_digest === digest;
          if (serves) known.set(pod.uid, digest);
          return { pod, serves, problems: detail.config_problems };
        }),
      );
      const behind = answers.filter((answer) => answer?.serves === false);
      const refusal = behind.flatMap((answer) => answer?.problems ?? [])[0];
      return {
        pods: ready.length,
        serving: answers.filter((answer) => answer?.serves === true).length,
        unreachable: answers.filter((answer) => answer === undefined).length,
        behind: behind.flatMap((answer) => answer?.pod ?? []),
        ...(refusal === undefined ? {} : { refusal }),
      };
    },
    forget: (uid) => void known.delete(uid),
  };
}

async function ask(
  pod: GatewayPod,
  { reach, port }: { readonly reach: Reach; readonly port: number },
): Promise<ReadinessDetail | undefined> {
  if (pod.address === undefined) return undefined;
  try {
    return readinessDetail(await readinessText(reach(pod.address, port)));
  } catch {
    return undefined;
  }
}

/**
 * The page, whatever its status. Redirects are not followed: a pod that answers with an address of its own choice must
 * not send the operator anywhere. Rejects when there is no whole answer in time, or far too much of it.
 */
async function readinessText(at: ReturnType<Reach>): Promise<string> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(patience);
    const asking = get({ ...at, path: "/health/readiness", agent: false, signal }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part: string) => {
        text += part;
        if (text.length > longestAnswer) asking.destroy(new Error("the readiness page has no end"));
      });
      answer.on("end", () => resolve(text));
      answer.on("error", reject);
    });
    asking.on("error", reject);
  });
}
