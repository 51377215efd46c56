import type { LanguageAgentSpec } from "../kinds/language-agent.ts";
import type { Review } from "./review.ts";
import { scheduleProblem } from "./schedule.ts";

/** What only a task has. */
const taskFields = [
  "schedule",
  "timezone",
  "activeDeadlineSeconds",
  "ttlSecondsAfterFinished",
  "retryLimit",
] as const;

/** How an agent runs (langop.md §2.1): what does not go with its mode, and schedules that no CronJob takes. */
export function reviewExecution(spec: LanguageAgentSpec, review: Review): void {
  const { execution } = spec;
  if (execution === undefined) return;
  const at = review.within("execution");
  const { mode, schedule, timezone } = execution;
  const problem = schedule === undefined ? undefined : scheduleProblem(schedule);
  if (problem !== undefined) at.refuse(["schedule"], "ScheduleInvalid", `cannot be used: ${problem}.`);
  if (timezone !== undefined && !isTimeZone(timezone)) {
    const text = "is no time zone that is known here; an example is Europe/Berlin.";
    at.refuse(["timezone"], "TimeZoneUnknown", text);
  }
  if (mode === "service") {
    for (const field of taskFields.filter((candidate) => execution[candidate] !== undefined)) {
      at.warn([field], "FieldOfTasks", "has no effect with the mode service. It is for the mode task.");
    }
    return;
  }
  reviewTask(spec, review);
  if (timezone !== undefined && schedule === undefined) {
    at.warn(["timezone"], "TimeZoneIgnored", "has no effect without execution.schedule.");
  }
}

/** Generation C refused these too, replicas even of services, because Argo had no place for them; here they have one. */
function reviewTask({ ports = [], deployment }: LanguageAgentSpec, review: Review): void {
  if (ports.length > 0) {
    const text =
      "cannot be used with the mode task: a task listens on nothing. Remove the ports, or use the mode service.";
    review.refuse(["ports"], "PortsOfTask", text);
  }
  for (const field of ["replicas", "autoscaling"] as const) {
    if (deployment?.[field] === undefined) continue;
    const text =
      "cannot be used with the mode task: each run is one pod. Remove it, or use the mode service.";
    review.refuse(["deployment", field], "ScaledTask", text);
  }
}

/** As CronJobs take them: names of the time zone database, with its capitals. */
function isTimeZone(name: string): boolean {
  // "Local" would be the zone of whatever node the controller happens to run on; offsets are names to Intl alone.
  if (/^local$|^[+-]/iu.test(name)) return false;
  try {
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions();
    return timeZone === name || timeZone.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}
