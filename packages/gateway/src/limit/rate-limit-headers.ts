import type { Charge, Grant } from "./ledger.ts";

/**
 * Lines of the head about the limits that apply to a request (litellm.md §3.7). Where two limits have the same name, such
 * as those of prompt and answer tokens, the first is told about.
 */
export function rateLimitHeaders({ charges }: Grant): string {
  let lines = "";
  for (const charge of charges) {
    const told = charge.meter.headers;
    if (told === undefined || isTold(charges, charge, told.limit)) continue;
    lines += `${told.limitLine}${told.remaining}${Math.max(0, Math.floor(charge.remaining))}\r\n`;
  }
  return lines;
}

/** Whether one that comes before `charge` has a header of this name. */
function isTold(charges: readonly Charge[], charge: Charge, limit: string): boolean {
  return charges.find(({ meter }) => meter.headers?.limit === limit) !== charge;
}
