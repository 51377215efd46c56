import type { Group } from "./snapshot.ts";

/** A name with a `*` in it, and how a name that matches becomes a group. */
export interface Wildcard {
  readonly pattern: string;
  /** The group for a client's name; `matched` is what stands for the `*`. */
  concrete(name: string, matched: string): Group;
}

/** Names that a wildcard has been asked for are remembered up to this many; clients choose them, so there is a limit. */
const REMEMBERED = 1000;

/**
 * The names clients may use, in the order of decisions.md: exact model name, alias, resource name, wildcard, a
 * deployment's own `litellm_params.model`.
 */
export class Names {
  readonly #exact: ReadonlyMap<string, Group>;
  readonly #wildcards: readonly Wildcard[];
  readonly #own: ReadonlyMap<string, Group>;
  readonly #concrete = new Map<string, Group>();
  /** The groups as published, in the document's order. */
  readonly listed: readonly string[];

  constructor(parts: {
    /** Model names first, then aliases, then resource names: an earlier one wins. */
    readonly exact: readonly (readonly [name: string, group: Group])[];
    readonly wildcards: readonly Wildcard[];
    readonly own: readonly (readonly [name: string, group: Group])[];
    readonly listed: readonly string[];
  }) {
    this.#exact = firstWins(parts.exact);
    // The longest pattern says most about the name, so it is asked first.
    this.#wildcards = [...parts.wildcards].sort((a, b) => b.pattern.length - a.pattern.length);
    this.#own = firstWins(parts.own);
    this.listed = parts.listed;
  }

  /** The group that serves a name; undefined when none does. */
  group(name: string): Group | undefined {
    return this.#exact.get(name) ?? this.#matching(name) ?? this.#own.get(name);
  }

  #matching(name: string): Group | undefined {
    if (this.#wildcards.length === 0) return undefined;
    const known = this.#concrete.get(name);
    if (known !== undefined) return known;
    for (const wildcard of this.#wildcards) {
      const matched = matchedPart(wildcard.pattern, name);
      if (matched === undefined) continue;
      const group = wildcard.concrete(name, matched);
      if (this.#concrete.size >= REMEMBERED) this.#concrete.clear();
      this.#concrete.set(name, group);
      return group;
    }
    return undefined;
  }
}

/** What stands for the first `*` of a pattern; undefined when the name does not match. */
export function matchedPart(pattern: string, name: string): string | undefined {
  const star = pattern.indexOf("*");
  const before = pattern.slice(0, star);
  const after = pattern.slice(star + 1);
  if (name.length <= before.length + after.length) return undefined;
  if (!name.startsWith(before) || !name.endsWith(after)) return undefined;
  return name.slice(before.length, name.length - after.length);
}

function firstWins(entries: readonly (readonly [string, Group])[]): Map<string, Group> {
  const names = new Map<string, Group>();
  for (const [name, group] of entries) if (!names.has(name)) names.set(name, group);
  return names;
}
