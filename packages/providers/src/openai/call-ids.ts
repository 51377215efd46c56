import { unusedName } from "../wire-names.ts";

/** OpenAI takes no longer ones, while other APIs write signatures into theirs. */
const LONGEST = 40;

/** Ids of tool calls, each the same in the call and in its result, and short enough for OpenAI. */
export class CallIds {
  readonly #short = new Map<string, string>();

  /** `ids`: all that occur in a call. */
  constructor(ids: ReadonlySet<string>) {
    let used: Set<string> | undefined;
    for (const id of ids) {
      if (id.length <= LONGEST) continue;
      used ??= new Set(ids);
      const short = unusedName(id.slice(0, LONGEST), used, LONGEST);
      used.add(short);
      this.#short.set(id, short);
    }
  }

  toWire(id: string): string {
    return this.#short.get(id) ?? id;
  }
}
