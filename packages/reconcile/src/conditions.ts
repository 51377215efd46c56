import { isDeepStrictEqual } from "node:util";

/** A condition as it stands in the status of an object (meta/v1 Condition). */
export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  /** RFC 3339, seconds: since when the status is what it is. */
  readonly lastTransitionTime: string;
  /** The generation of the object this was said of. */
  readonly observedGeneration?: number;
}

/** What is to be said of an object now. */
export interface ConditionIntent {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
}

/** The schema of Condition allows no more, and one long message must not make the whole status unwritable. */
const LONGEST_MESSAGE = 32_768;
const CUT = "…";

/**
 * The conditions that say what is wanted. The time of the last transition stays as long as the status does; types that
 * are not wanted go; those that stay keep their order, new ones come last in the order given.
 */
export function nextConditions(
  previous: readonly Partial<Condition>[] | undefined,
  wanted: readonly ConditionIntent[],
  options: { readonly generation?: number | undefined /** Epoch milliseconds. */; readonly now: number },
): readonly Condition[] {
  const before = new Map((previous ?? []).map((condition, place) => [condition.type, { condition, place }]));
  const placeOf = ({ type }: ConditionIntent): number => before.get(type)?.place ?? before.size;
  return [...wanted]
    .sort((one, other) => placeOf(one) - placeOf(other))
    .map((intent) => {
      const old = before.get(intent.type)?.condition;
      const since = old?.status === intent.status ? old.lastTransitionTime : undefined;
      return {
        type: intent.type,
        status: intent.status,
        reason: intent.reason,
        message: shortened(intent.message),
        lastTransitionTime: since ?? timestamp(options.now),
        ...(options.generation === undefined ? {} : { observedGeneration: options.generation }),
      };
    });
}

/**
 * The JSON merge patch of the status sub-resource that turns the status `previous` into `next`, or undefined when they
 * are equal. What `next` does not have is taken out; arrays are replaced as a whole.
 */
export function statusPatch(
  previous: object | undefined,
  next: object,
): { readonly status: object } | undefined {
  const patch = difference(previous ?? {}, next);
  return patch === undefined ? undefined : { status: patch };
}

/** RFC 3339 with seconds, as the API server writes times. */
export function timestamp(epochMilliseconds: number): string {
  return `${new Date(epochMilliseconds).toISOString().slice(0, 19)}Z`;
}

function difference(previous: object, next: object): object | undefined {
  const patch: { [name: string]: unknown } = {};
  const after = new Map(Object.entries(next).filter(([, value]) => value !== undefined));
  for (const [name, old] of Object.entries(previous)) {
    if (old !== null && old !== undefined && !after.has(name)) patch[name] = null;
  }
  const before = new Map<string, unknown>(Object.entries(previous));
  for (const [name, value] of after) {
    const old = before.get(name);
    if (isDeepStrictEqual(old, value)) continue;
    if (!isPlainObject(value) || !isPlainObject(old)) {
      patch[name] = value;
      continue;
    }
    const inside = difference(old, value);
    if (inside !== undefined) patch[name] = inside;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function isPlainObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shortened(message: string): string {
  return message.length <= LONGEST_MESSAGE
    ? message
    : `${message.slice(0, LONGEST_MESSAGE - CUT.length)}${CUT}`;
}
