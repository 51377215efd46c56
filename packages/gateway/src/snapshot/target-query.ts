/** Parameters of a query, in order. */
export type QueryParameters = readonly (readonly [name: string, value: string])[];

/** The query of a pass-through endpoint (litellm.md §2.4). */
export interface TargetQuery {
  /** That of the target's own URL. */
  readonly own: QueryParameters;
  /** The client's comes beside it; otherwise it comes instead of it. */
  readonly merged: boolean;
  /** Those that are there when the client does not say otherwise. */
  readonly defaults: QueryParameters;
}

/**
 * A client's query as it goes to the target, both without the question mark. What the client says goes before what is
 * configured, and stays as it was written.
 */
export function targetQuery(client: string, { own, merged, defaults }: TargetQuery): string {
  const named = new Set(new URLSearchParams(client).keys());
  const kept = merged || client === "" ? own.filter(([name]) => !named.has(name)) : [];
  for (const [name] of kept) named.add(name);
  const added = [...kept, ...defaults.filter(([name]) => !named.has(name))];
  const text = new URLSearchParams(added.map(([name, value]): [string, string] => [name, value])).toString();
  return text === "" || client === "" ? text + client : `${text}&${client}`;
}
