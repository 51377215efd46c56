import type { ApiClient } from "../api-client.ts";
import { pause } from "./pause.ts";
import type { Pod } from "./pod.ts";

export interface PodHandlers {
  /** It is there, as it is now. The same one may come again unchanged. */
  readonly present: (pod: Pod) => void;
  readonly gone: (pod: Pod) => void;
  /** A list has been gone through: everything that is there was said. */
  readonly listed: () => void;
}

const RETRY_MILLISECONDS = 300;

/** Tells of all Pods of the server until the signal. After any trouble it lists anew, so nothing is missed for good. */
export async function watchPods(
  client: ApiClient,
  { present, gone, listed }: PodHandlers,
  signal: AbortSignal,
): Promise<void> {
  const known = new Map<string, Pod>();
  const note = (pod: Pod): void => {
    known.set(pod.metadata.uid, pod);
    present(pod);
  };
  const list = async (): Promise<string> => {
    const { status, body } = await client.api("GET", "/api/v1/pods");
    if (status !== 200) throw new Error(`GET pods: ${status}`);
    const uids = new Set((body.items as Pod[]).map(({ metadata }) => metadata.uid));
    for (const [uid, pod] of known) {
      if (uids.has(uid)) continue;
      known.delete(uid);
      gone(pod);
    }
    for (const pod of body.items as Pod[]) note(pod);
    listed();
    return body.metadata.resourceVersion;
  };
  while (!signal.aborted) {
    try {
      let version = await list();
      for (let fresh = true; fresh && !signal.aborted; ) {
        const query = `watch=true&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=${version}`;
        for await (const { type, object } of await client.watch(`/api/v1/pods?${query}`, signal)) {
          if (type === "ERROR") {
            fresh = false;
            break;
          }
          version = object.metadata.resourceVersion;
          if (type === "DELETED") {
            known.delete(object.metadata.uid);
            gone(object as Pod);
          } else if (type !== "BOOKMARK") note(object as Pod);
        }
      }
    } catch {
      // Whatever it was (the server away, its answer broken off), a new list sets everything right.
    }
    await pause(RETRY_MILLISECONDS, signal);
  }
}
