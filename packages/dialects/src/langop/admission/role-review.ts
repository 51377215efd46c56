import type { Review } from "./review.ts";

type Verbatim = { readonly [member: string]: unknown };

const members = ["apiGroups", "resources", "resourceNames", "verbs"] as const;

/**
 * Rules of a Role. A member of another name would be left out by the API server, and a rule without `resourceNames`, say,
 * allows more than one with them: so that is refused, not told.
 */
export function reviewRoleRules(rules: readonly Verbatim[], review: Review): void {
  for (const [index, rule] of rules.entries()) {
    const at = review.within(index);
    for (const name of Object.keys(rule)) {
      if (members.some((member) => member === name)) continue;
      const why = name === "nonResourceURLs" ? "is for ClusterRoles only" : "is no member of a rule";
      at.refuse([name], "RoleRuleInvalid", `${why}; there are ${members.join(", ")}.`);
    }
    for (const member of members) {
      const value = rule[member];
      if (member === "resourceNames" && value === undefined) continue;
      if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string"))
        continue;
      if (member === "resourceNames" && Array.isArray(value) && value.length === 0) continue;
      at.refuse([member], "RoleRuleInvalid", "must be a list with at least one text.");
    }
  }
}
