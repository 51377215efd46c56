import { languageAgent, type ObservedRun } from "@gatewright/dialects";
import type { KubernetesObject } from "@gatewright/reconcile";
import type { WatchedJob } from "../watched-job.ts";
import { memberKeys } from "./agent-sources.ts";
import type { LangopStores } from "./langop-stores.ts";

/** The runs of agents that are tasks, those included whose Jobs have been removed by their time. */
export interface AgentRuns {
  /** The Jobs that there are, its own and those of its CronJob. */
  jobs(namespace: string, name: string): readonly WatchedJob[];
  /** The run that began last; with `due`, the name of a Job that has just been asked for, that one alone. */
  last(agent: KubernetesObject, due?: string): ObservedRun | undefined;
  /** Name of the Job that ran last and is gone, or about to be. */
  goneName(agent: KubernetesObject): string | undefined;
  forget(key: string): void;
}

/**
 * A Job may go in the moment in which it ends (`ttlSecondsAfterFinished: 0`), before anybody has looked at its agent: how
 * it ended is remembered when the watch tells it.
 */
export function createAgentRuns({ jobs: handle }: Pick<LangopStores, "jobs">): AgentRuns {
  const { store } = handle;
  const ended = new Map<string, ObservedRun>();
  handle.onChange((_, __, job) => {
    if (job === undefined || job.run.phase === "Running" || job.metadata.deletionTimestamp !== undefined)
      return;
    for (const key of memberKeys(job, languageAgent.kind)) {
      const before = ended.get(key);
      if (before === undefined || startOf(before) <= startOf(job.run)) ended.set(key, job.run);
    }
  });

  const jobs: AgentRuns["jobs"] = (namespace, name) =>
    store
      .by("namespace", namespace)
      .filter((job) => memberKeys(job, languageAgent.kind).includes(`${namespace}/${name}`));

  /** What is remembered, unless the status knows of a later run. */
  function gone(agent: KubernetesObject): ObservedRun | undefined {
    const { namespace = "", name } = agent.metadata;
    const run = ended.get(`${namespace}/${name}`);
    const { lastRunTime = "" } = statusOf(agent);
    return run !== undefined && startOf(run) >= lastRunTime ? run : undefined;
  }

  return {
    jobs,
    last(agent, due) {
      const { namespace = "", name } = agent.metadata;
      const standing = jobs(namespace, name)
        .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        .filter(({ metadata }) => due === undefined || metadata.name === due)
        .map(({ run, metadata }) => ({ run, at: run.startTime ?? metadata.creationTimestamp ?? "" }))
        .sort((a, b) => (a.at < b.at ? 1 : -1));
      return standing[0]?.run ?? (due === undefined ? gone(agent) : undefined);
    },
    goneName(agent) {
      const { namespace = "" } = agent.metadata;
      const name = gone(agent)?.name ?? statusOf(agent).lastRunName;
      const job = name === undefined ? undefined : store.get(`${namespace}/${name}`);
      // One on its way out counts as gone: applied once more it would be made anew, and run.
      return job === undefined || job.metadata.deletionTimestamp !== undefined ? name : undefined;
    },
    forget: (key) => void ended.delete(key),
  };
}

function startOf({ startTime = "" }: ObservedRun): string {
  return startTime;
}

function statusOf(agent: KubernetesObject): {
  readonly lastRunName?: string;
  readonly lastRunTime?: string;
} {
  return (agent["status"] ?? {}) as ReturnType<typeof statusOf>;
}
