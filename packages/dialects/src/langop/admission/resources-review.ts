import { isJsonObject } from "@gatewright/plan";
import { compareQuantities, parseQuantity, type Quantity } from "../status/quantity.ts";
import type { Review } from "./review.ts";

/** CPU and memory of a container: quantities that are not negative, no request above its limit. */
export function reviewResources(resources: unknown, review: Review): void {
  if (resources === undefined) return;
  if (!isJsonObject(resources)) {
    review.refuse([], "ResourcesInvalid", "must be a map with requests and limits.");
    return;
  }
  for (const name of Object.keys(resources)) {
    if (["requests", "limits", "claims"].includes(name)) continue;
    review.refuse([name], "ResourcesInvalid", "is not known; there are requests, limits and claims.");
  }
  const requests = readQuantities(resources["requests"], review.within("requests"));
  const limits = readQuantities(resources["limits"], review.within("limits"));
  for (const [name, request] of requests) {
    const limit = limits.get(name);
    if (limit !== undefined && compareQuantities(request, limit) > 0) {
      review.refuse(["requests", name], "RequestAboveLimit", `is more than limits.${name}.`);
    }
  }
}

function readQuantities(value: unknown, review: Review): ReadonlyMap<string, Quantity> {
  const quantities = new Map<string, Quantity>();
  if (value === undefined || value === null) return quantities;
  if (!isJsonObject(value)) {
    review.refuse([], "ResourcesInvalid", "must be a map of resource names to quantities.");
    return quantities;
  }
  for (const [name, text] of Object.entries(value)) {
    const quantity = reviewQuantity(text, review.within(name));
    if (quantity !== undefined) quantities.set(name, quantity);
  }
  return quantities;
}

/** A quantity that is not negative; undefined when it was refused. */
export function reviewQuantity(value: unknown, review: Review): Quantity | undefined {
  const quantity = parseQuantity(value);
  if (quantity === undefined) {
    review.refuse([], "QuantityInvalid", "is no quantity; examples are 4, 500m and 16Gi.");
    return undefined;
  }
  if (quantity.nanos < 0n) {
    review.refuse([], "QuantityInvalid", "must not be negative.");
    return undefined;
  }
  return quantity;
}
