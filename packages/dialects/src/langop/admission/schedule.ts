/** A field of a schedule: what it may hold, in the order in which cron writes them. */
interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** Words for the numbers from `least` on. */
  readonly words?: readonly string[];
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const fields: readonly Field[] = [
  { name: "minute", least: 0, most: 59 },
  { name: "hour", least: 0, most: 23 },
  { name: "day of the month", least: 1, most: 31 },
  { name: "month", least: 1, most: 12, words: months },
  { name: "day of the week", least: 0, most: 6, words: days },
];

const named: ReadonlySet<string> = new Set([
  "@yearly",
  "@annually",
  "@monthly",
  "@weekly",
  "@daily",
  "@midnight",
  "@hourly",
]);

/**
 * What is wrong with a schedule, to go on after "cannot be used: "; undefined when a CronJob takes it: five fields, a name
 * such as `@daily`, or `@every 30m`. Read as Kubernetes does (robfig/cron), which differs from crontab: Sunday is not 7.
 */
export function scheduleProblem(schedule: string): string | undefined {
  const text = schedule.trim();
  if (/^(CRON_)?TZ=/u.test(text)) return "the time zone belongs into execution.timezone";
  if (text.startsWith("@")) {
    if (named.has(text) || /^@every (\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/u.test(text)) return undefined;
    return `${text.split(" ")[0] ?? ""} is not known; there are ${[...named].join(", ")} and @every, for example "@every 30m"`;
  }
  const parts = text.split(/\s+/u).filter((part) => part !== "");
  if (parts.length !== fields.length) {
    return `it must have five fields (minute, hour, day of the month, month, day of the week), not ${parts.length}`;
  }
  for (const [index, field] of fields.entries()) {
    const problem = parts[index]?.split(",").find((range) => !isRange(range, field));
    if (problem !== undefined) {
      return `"${problem}" is no ${field.name}, which is between ${field.least} and ${field.most}`;
    }
  }
  return undefined;
}

/** `*`, `5`, `1-5`, and any of them with a step: `*` + `/15`, `8-18/2`. */
function isRange(range: string, field: Field): boolean {
  const [span = "", step, ...more] = range.split("/");
  if (more.length > 0 || (step !== undefined && !/^0*[1-9]\d{0,8}$/u.test(step))) return false;
  if (span === "*" || span === "?") return true;
  const [from = "", to, ...further] = span.split("-");
  if (further.length > 0) return false;
  const first = numberOf(from, field);
  const last = to === undefined ? first : numberOf(to, field);
  return first !== undefined && last !== undefined && first <= last;
}

function numberOf(text: string, { least, most, words = [] }: Field): number | undefined {
  const word = words.indexOf(text.toLowerCase());
  if (word >= 0) return least + word;
  const number = /^\d{1,3}$/u.test(text) ? Number(text) : undefined;
  return number !== undefined && number >= least && number <= most ? number : undefined;
}
