import type { Charge, Grant } from "./ledger.ts";

/**
 * Lines of the head about the limits that apply to a request (litellm.md §3.7). Where two limits have the same name, such
 * as those of prompt and answer tokens, the first is told about.
 */
export function rateLimitHeaders({ charges }: Grant): string {
  let lines = "";
  for (let index = 0; index < charges.length; index++) {
    const { meter, remaining } = charges[index] as Charge;
    const told = meter.headers;
    if (told === undefined || isTold(charges, index, told.limit)) continue;
    lines += `${told.limitLine + told.remaining + String(Math.max(0, Math.floor(remaining)))}\r\n`;
  }
  return lines;
}

function isTold(charges: readonly Charge[], before: number, limit: string): boolean {
  for (let index = 0; index < before; index++)
    if (charges[index]?.meter.headers?.limit === limit) return true;
  return false;
}
