import { performance } from "node:perf_hooks";
import { metrics } from "@gatewright/litellm";
import { CallSeries, callerLabels } from "./call-series.ts";
import type { Gauge, Labels, Registry } from "./registry.ts";
import type { CallerFacts, GroupFacts } from "./request-facts.ts";

/** What a deployment's series are called by: configured names only, since each new value is a new series for ever. */
export interface DeploymentNames {
  readonly modelName: string;
  readonly litellmModel: string;
  readonly id: string;
  readonly apiBase: string;
  readonly provider: string;
}

/** Callers whose series are remembered; more only look theirs up again. */
const REMEMBERED = 1_000;

type Series = Map<GroupFacts | undefined, CallSeries>;

/** What is counted of one deployment, and what was last seen of it. Lives as long as its snapshot; the series outlive it. */
export class DeploymentMetrics {
  /** 0 healthy, 1 its last call failed, 2 left alone for a while. */
  readonly state: Gauge;
  /** Exception class of the last call, if that failed. */
  lastError: string | undefined;
  readonly #registry: Registry;
  readonly #names: DeploymentNames;
  readonly #labels: Labels;
  /** The rest that was counted last. */
  #restsUntil = 0;
  #series = new Map<CallerFacts, Series>();
  #ofCustomers = new Map<CallSeries, Map<string, CallSeries>>();

  constructor(registry: Registry, names: DeploymentNames) {
    this.#registry = registry;
    this.#names = names;
    this.#labels = {
      model: names.litellmModel,
      model_id: names.id,
      litellm_model_name: names.litellmModel,
      api_base: names.apiBase,
      api_provider: names.provider,
    };
    this.state = registry.gauge(metrics.deploymentState, this.#labels);
  }

  /**
   * The series of a caller's requests for a group: one object each of them, so that they are found by reference. `customer` is an
   * end user that may be a label, else empty.
   */
  series(caller: CallerFacts, group: GroupFacts | undefined, customer = ""): CallSeries {
    let ofCaller = this.#series.get(caller);
    if (ofCaller === undefined) {
      if (this.#series.size >= REMEMBERED) this.#forget();
      ofCaller = new Map();
      this.#series.set(caller, ofCaller);
    }
    let series = ofCaller.get(group);
    if (series === undefined) {
      // Groups of wildcards are made for each name that clients come up with.
      if (ofCaller.size >= REMEMBERED) ofCaller.clear();
      series = new CallSeries(this.#registry, this.#labelsOf(caller, group, ""));
      ofCaller.set(group, series);
    }
    return customer === "" ? series : this.#ofCustomer(series, caller, group, customer);
  }

  /**
   * What a call to the deployment came to, `failure` undefined: it succeeded. `restsUntil`: until when routing leaves
   * it alone; when that has moved, it was this failure.
   */
  ended(failure: string | undefined, status: number, restsUntil: number): void {
    this.lastError = failure;
    const rests = restsUntil > performance.now();
    this.state.value = rests ? 2 : failure === undefined ? 0 : 1;
    if (!rests || failure === undefined || restsUntil <= this.#restsUntil) return;
    this.#restsUntil = restsUntil;
    const labels = { ...this.#labels, exception_status: String(status) };
    this.#registry.counter(metrics.deploymentCooldowns, labels).value++;
  }

  #ofCustomer(
    series: CallSeries,
    caller: CallerFacts,
    group: GroupFacts | undefined,
    customer: string,
  ): CallSeries {
    let customers = this.#ofCustomers.get(series);
    if (customers === undefined) {
      customers = new Map();
      this.#ofCustomers.set(series, customers);
    }
    let own = customers.get(customer);
    if (own === undefined) {
      own = new CallSeries(this.#registry, this.#labelsOf(caller, group, customer));
      customers.set(customer, own);
    }
    return own;
  }

  #forget(): void {
    this.#series = new Map();
    this.#ofCustomers = new Map();
  }

  #labelsOf(caller: CallerFacts, group: GroupFacts | undefined, customer: string): Labels {
    // What a client calls a model that a wildcard stands for is the client's own text.
    const wildcard = this.#names.modelName.includes("*");
    const requested = wildcard || group === undefined ? this.#names.modelName : group.name;
    return {
      ...this.#labels,
      ...callerLabels(caller),
      model_group: requested,
      requested_model: requested,
      ...(customer === "" ? {} : { end_user: customer }),
    };
  }
}
