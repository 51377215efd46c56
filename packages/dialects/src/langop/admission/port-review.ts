import type { AgentPort } from "../kinds/agent-port.ts";
import type { Review } from "./review.ts";

/** Ports of an agent or runtime, as its pods and its Service would take them (langop.md §2.1). */
export function reviewPorts(ports: readonly AgentPort[], review: Review): void {
  const names = new Set<string>();
  const numbers = new Set<string>();
  for (const [index, { name, port, protocol }] of ports.entries()) {
    const at = review.within(index);
    if (name.endsWith("-") || name.includes("--")) {
      at.refuse(["name"], "PortNameInvalid", "must not end with - and must not have two of them in a row.");
    }
    if (names.has(name)) {
      at.refuse(
        ["name"],
        "PortRepeated",
        "is the name of a port before it. Give each port a name of its own.",
      );
    }
    names.add(name);
    const number = `${port}/${protocol}`;
    if (numbers.has(number)) at.refuse(["port"], "PortRepeated", `(${number}) is a port before it already.`);
    numbers.add(number);
  }
  if (ports.filter(({ expose }) => expose).length > 1) {
    const text = "expose more than one port. The Ingress leads to the first of them.";
    review.warn([], "PortsExposed", text);
  }
}
