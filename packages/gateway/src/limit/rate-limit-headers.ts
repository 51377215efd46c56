import type { Grant } from "./ledger.ts";

/**
 * Response headers of the limits that apply to a request, as a flat list of names and values (litellm.md §3.7). Where
 * two limits have the same name, such as those of prompt and answer tokens, the first is told about.
 */
export function rateLimitHeaders({ charges }: Grant): string[] {
  const headers: string[] = [];
  for (const { meter, remaining } of charges) {
    const told = meter.headers;
    if (told === undefined || headers.includes(told.limit)) continue;
    headers.push(told.limit, told.limitText, told.remaining, String(Math.max(0, Math.floor(remaining))));
  }
  return headers;
}
