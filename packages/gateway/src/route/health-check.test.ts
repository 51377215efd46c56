import { describe, expect, it } from "vitest";
import { DeploymentStates } from "./deployment-state.ts";
import { type HealthCheckRules, HealthChecks, healthTargets } from "./health-check.ts";
import { Simulation } from "./simulation.ts";

const rules: HealthCheckRules = {
  intervalMilliseconds: 1000,
  timeoutMilliseconds: 100,
  unhealthyThreshold: 3,
  healthyThreshold: 2,
  routes: true,
};

function checked(ids: readonly string[], more: Partial<HealthCheckRules> = {}, concurrency?: number) {
  const clock = new Simulation({}, []);
  const states = new DeploymentStates();
  const asked: { readonly id: string; readonly done: (healthy: boolean) => void; cancelled: boolean }[] = [];
  /** What each answers at once; undefined: nothing until the test does. */
  const answers = new Map<string, boolean>();
  const checks = new HealthChecks(
    clock.services,
    ({ id }, done) => {
      const call = { id, done, cancelled: false };
      asked.push(call);
      const answer = answers.get(id);
      if (answer !== undefined) done(answer);
      return {
        cancel: () => {
          call.cancelled = true;
        },
      };
    },
    concurrency,
  );
  const targets = (some: readonly string[]) =>
    some.map((id) => ({ deployment: { id, state: states.of(id) }, rules: { ...rules, ...more } }));
  return { clock, states, asked, answers, checks, targets, watch: () => checks.watch(targets(ids)) };
}

describe("active checks", () => {
  it("take a deployment out after failures in a row, and back after successes in a row", () => {
    const { clock, states, answers, watch } = checked(["a"]);
    const found: boolean[] = [];
    answers.set("a", true);
    watch();
    for (const answer of [false, false, true, false, false, false, true, false, true, true]) {
      answers.set("a", answer);
      clock.run(1000);
      found.push(states.of("a").healthy);
    }
    expect(found).toEqual([true, true, true, true, true, false, false, false, false, true]);
  });

  it("take no answer in time for a failure, and do not listen any more", () => {
    const { clock, states, asked, watch } = checked(["a"], { unhealthyThreshold: 1, healthyThreshold: 1 });
    watch();
    clock.run(100);
    expect(states.of("a").healthy).toBe(false);
    expect(asked[0]?.cancelled).toBe(true);
    asked[0]?.done(true);
    expect(states.of("a").healthy).toBe(false);
  });

  it("are a few at a time", () => {
    const { clock, asked, watch } = checked(["a", "b", "c", "d", "e"], {}, 2);
    watch();
    expect(asked.map(({ id }) => id)).toEqual(["a", "b"]);
    asked[1]?.done(true);
    expect(asked.map(({ id }) => id)).toEqual(["a", "b", "c"]);
    clock.run(100);
    expect(asked.map(({ id }) => id)).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("only report where they do not route", () => {
    const { states, answers, watch } = checked(["a"], { routes: false, unhealthyThreshold: 1 });
    answers.set("a", false);
    watch();
    expect(states.of("a")).toMatchObject({ healthy: true, checkedHealthy: false });
  });

  it("end with the deployment, and go on over a reload", () => {
    const { clock, states, asked, answers, checks, targets, watch } = checked(["a", "b"], {
      unhealthyThreshold: 1,
    });
    answers.set("a", false).set("b", false);
    watch();
    checks.watch(targets(["b"]));
    expect([states.of("a").healthy, states.of("b").healthy]).toEqual([true, false]);
    clock.run(1000);
    expect(asked.map(({ id }) => id)).toEqual(["a", "b", "b"]);
    checks.stop();
    clock.run();
    expect(asked).toHaveLength(3);
  });

  it("are sent once to a deployment of several groups, and not to those left out", () => {
    const state = new DeploymentStates();
    const group = (...ids: string[]) => ({
      deployments: ids.map((id) => ({ id, state: state.of(id) })),
      route: { healthCheck: rules },
    });
    const groups = [group("a", "b"), group("b", "c"), { ...group("d"), route: { healthCheck: undefined } }];
    expect(healthTargets(groups, new Set(["c"])).map(({ deployment }) => deployment.id)).toEqual(["a", "b"]);
  });
});
