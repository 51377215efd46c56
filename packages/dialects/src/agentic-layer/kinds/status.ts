import * as z from "zod";
import { atomicConditions } from "../../condition.ts";

/** `status` of the kinds of this dialect that have nothing but conditions (agentic-layer.md §1). */
export const status = z.looseObject({ conditions: atomicConditions.optional() });
