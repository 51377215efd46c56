import type { Usage } from "@gatewright/call";
import { dollars } from "../budget/dollars.ts";
import { ownMetrics } from "./own-metrics.ts";
import type { Counter, Labels, Registry } from "./registry.ts";
import type { CallerFacts, GroupFacts, RequestFacts } from "./request-facts.ts";

/** The series of one agent's requests for one model, looked up once. */
export class AgentSeries {
  readonly #registry: Registry;
  readonly #labels: Labels;
  readonly #byStatus = new Map<number, Counter>();
  readonly #input: Counter;
  readonly #output: Counter;
  readonly #spend: Counter;

  constructor(registry: Registry, labels: Labels) {
    this.#registry = registry;
    this.#labels = labels;
    this.#input = registry.counter(ownMetrics.agentTokens, { ...labels, kind: "input" });
    this.#output = registry.counter(ownMetrics.agentTokens, { ...labels, kind: "output" });
    this.#spend = registry.counter(ownMetrics.agentSpend, labels);
  }

  request(status: number): void {
    let counter = this.#byStatus.get(status);
    if (counter === undefined) {
      counter = this.#registry.counter(ownMetrics.agentRequests, { ...this.#labels, status: String(status) });
      this.#byStatus.set(status, counter);
    }
    counter.value++;
  }

  /** Counts tokens and cost, picodollars. */
  use(usage: Usage, cost: number): void {
    this.#input.value += usage.input;
    this.#output.value += usage.output;
    this.#spend.value += dollars(cost);
  }
}

/** Counts a request of an agent, told by the agent's name and the status of the answer. */
export type CountAgentExchange = (exchange: RequestFacts, agentName: string, status: number) => void;

/**
 * Counts requests, tokens and spend of agents by the agent's name and the model asked for. Both are names of the
 * configuration: of a wildcard's models the wildcard itself, and none for a model that nobody serves.
 */
export function agentCounter(registry: Registry): CountAgentExchange {
  // Weak, since callers and groups go with their snapshot; the counters stay in the registry.
  const known = new WeakMap<CallerFacts, WeakMap<GroupFacts, AgentSeries>>();
  return (exchange, agentName, status) => {
    const { caller, deployment, group = noGroup, usage } = exchange;
    let ofCaller = known.get(caller);
    if (ofCaller === undefined) {
      ofCaller = new WeakMap();
      known.set(caller, ofCaller);
    }
    let series = ofCaller.get(group);
    if (series === undefined) {
      series = new AgentSeries(registry, { agent: agentName, ...modelLabel(group) });
      ofCaller.set(group, series);
    }
    series.request(status);
    // An answer of the cache costs nothing, whatever it once took.
    if (deployment !== undefined && usage !== undefined) series.use(usage, exchange.cost ?? 0);
  };
}

const noGroup: GroupFacts = { name: "" };

/** What a client calls a model that a wildcard stands for is the client's own text. */
function modelLabel({ name, deployments = [] }: GroupFacts): Labels {
  const configured = deployments[0]?.modelName;
  if (configured === undefined) return {};
  return { model: configured.includes("*") ? configured : name };
}
