import { agentLimitsAnnotation, type Resource } from "@gatewright/dialects";
import type { LangopStores } from "./langop-stores.ts";

/**
 * The agents of a namespace as its gateway knows them: who they are and what they are held to, and nothing that an edit of
 * their spec changes, so that the gateway is not read anew for that.
 */
export function gatewayAgents({ agents }: LangopStores, namespace: string): readonly Resource[] {
  return agents.store
    .by("namespace", namespace)
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ apiVersion, kind, metadata: { name, uid, annotations } }) => {
      const limits = annotations?.[agentLimitsAnnotation];
      return {
        apiVersion,
        kind,
        metadata: {
          namespace,
          name,
          ...(uid === undefined ? {} : { uid }),
          ...(limits === undefined ? {} : { annotations: { [agentLimitsAnnotation]: limits } }),
        },
      };
    });
}
