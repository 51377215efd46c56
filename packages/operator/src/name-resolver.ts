import { Resolver } from "node:dns/promises";

/** Addresses of host names, as network policies need them: refreshed when they expire, and none when in doubt. */
export interface NameResolver {
  /** Addresses known for a name, sorted; empty when it does not resolve or was never asked for. */
  readonly addresses: (name: string) => readonly string[];
  /** Looks up the names that expired. Returns the seconds until the next of them does. */
  refresh(names: readonly string[]): Promise<number>;
  /** True when the name has an address at all. */
  exists(name: string): Promise<boolean>;
}

interface Entry {
  /** Address → when it was last in an answer, milliseconds. */
  readonly seen: Map<string, number>;
  expires: number;
}

/** Bounds of the time an answer is trusted, in seconds: no storm for short answers, no stale policy for long ones. */
const shortest = 30;
const longest = 300;

/**
 * An address stays this long after it was last answered, in milliseconds: services that answer with a few of many
 * addresses, others each time, would otherwise change the policy at every look-up and cut connections.
 */
const memory = 600_000;

export interface NameResolverOptions {
  /** Servers to ask, `address:port`; the system's when unset. */
  readonly servers?: readonly string[];
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Milliseconds a look-up may take. */
  readonly patience: number;
}

/** A resolver with a memory. A name that does not resolve is asked for again after 30 seconds. */
export function createNameResolver({ servers, now, patience }: NameResolverOptions): NameResolver {
  const resolver = new Resolver({ timeout: patience, tries: 1 });
  if (servers !== undefined) resolver.setServers(servers);
  const entries = new Map<string, Entry>();

  async function lookUp(name: string): Promise<void> {
    const answers = await Promise.all([
      resolver.resolve4(name, { ttl: true }).catch(() => []),
      resolver.resolve6(name, { ttl: true }).catch(() => []),
    ]);
    const at = now();
    const entry = entries.get(name) ?? { seen: new Map<string, number>(), expires: 0 };
    const records = answers.flat();
    for (const { address } of records) entry.seen.set(address, at);
    for (const [address, last] of entry.seen) if (at - last > memory) entry.seen.delete(address);
    const ttl = records.length === 0 ? shortest : Math.min(...records.map((record) => record.ttl));
    entry.expires = at + Math.min(Math.max(ttl, shortest), longest) * 1000;
    entries.set(name, entry);
  }

  return {
    addresses: (name) => [...(entries.get(name)?.seen.keys() ?? [])].sort(),
    async refresh(names) {
      const due = names.filter((name) => (entries.get(name)?.expires ?? 0) <= now());
      await Promise.all(due.map(lookUp));
      const next = Math.min(...names.map((name) => entries.get(name)?.expires ?? 0));
      return Math.max(1, Math.ceil((next - now()) / 1000));
    },
    async exists(name) {
      const answers = await Promise.all([
        resolver.resolve4(name).catch(() => []),
        resolver.resolve6(name).catch(() => []),
      ]);
      return answers.flat().length > 0;
    },
  };
}
