import * as z from "zod";
import { remainder } from "./leaf.ts";

/** What is known about a block beyond its members. */
export interface BlockFacts {
  readonly description: string;
  /** Holds keys of other parties too, so an unknown key is worth a word only when it looks like a slip. */
  readonly open?: boolean;
  /** Further keys by pattern, `supports_*` → what they mean. */
  readonly patterns?: { readonly [pattern: string]: string };
}

/** A map with known members. Unknown ones are kept: LiteLLM ignores them, and users put notes there. */
export function block<S extends z.core.$ZodLooseShape>(
  description: string,
  members: S,
  facts: Omit<BlockFacts, "description"> = {},
) {
  return z
    .object(members)
    .catchall(remainder)
    .meta({ ...facts, description });
}

/** A map whose keys users choose. */
export function entries<T extends z.ZodType>(value: T) {
  return z.record(z.string(), value);
}
