import { metadata, ownedBy, service } from "@gatewright/kubernetes";
import type { Agent } from "../../read/agent.ts";
import { memberSelector, owned } from "../label.ts";
import type { Piece } from "../piece.ts";
import { signInPort } from "../sign-in.ts";

/** The Service of an agent over all its ports (langop.md §2.4), and over that of its sign-in proxy. */
export function agentService(agent: Agent, signIn: boolean): Piece {
  const { name, namespace, resource, settings } = agent;
  const selector = memberSelector("LanguageAgent", name, namespace);
  const { deployment, ports } = settings;
  const of = metadata({
    name,
    namespace,
    labels: owned(selector),
    annotations: deployment.serviceAnnotations,
    ownerReferences: ownedBy(resource),
  });
  return {
    objects: [
      service(of, {
        selector,
        ports: [
          ...ports.map(({ name: port, port: number, protocol }) => ({
            name: port,
            port: number,
            targetPort: number,
            protocol,
          })),
          ...(signIn ? [{ name: "sign-in", port: signInPort, targetPort: signInPort }] : []),
        ],
        type: deployment.serviceType,
      }),
    ],
    findings: [],
  };
}
