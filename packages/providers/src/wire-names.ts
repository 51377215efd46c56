const TAKEN = /^[a-zA-Z0-9_-]{1,64}$/;
const OTHERS = /[^a-zA-Z0-9_-]/g;
const LONGEST = 64;

/**
 * Names of tools and ids of tool calls as Anthropic and Bedrock take them (letters, digits, `_` and `-`, at most 64),
 * and the way back. Those they take already stay; the others get one that no other has.
 */
export class WireNames {
  readonly #toWire = new Map<string, string>();
  readonly #toClient = new Map<string, string>();

  /** `names`: all that occur in a call. */
  constructor(names: ReadonlySet<string>) {
    let used: Set<string> | undefined;
    for (const name of names) {
      if (TAKEN.test(name)) continue;
      used ??= new Set(names);
      const wire = unusedName(name.replace(OTHERS, "_").slice(0, LONGEST) || "_", used);
      used.add(wire);
      this.#toWire.set(name, wire);
      this.#toClient.set(wire, name);
    }
  }

  toWire(name: string): string {
    return this.#toWire.get(name) ?? name;
  }

  toClient(name: string): string {
    return this.#toClient.get(name) ?? name;
  }
}

/** `name`, or with the first number behind it that makes it new. */
export function unusedName(
  name: string,
  used: ReadonlySet<string>,
  longest = LONGEST,
  separator = "_",
): string {
  if (!used.has(name)) return name;
  for (let number = 2; ; number++) {
    const end = `${separator}${number}`;
    const candidate = name.slice(0, longest - end.length) + end;
    if (!used.has(candidate)) return candidate;
  }
}
