/** A selector of objects by their labels. */
export interface LabelSelector {
  readonly matchLabels?: { readonly [key: string]: string } | undefined;
  readonly matchExpressions?:
    | readonly {
        readonly key: string;
        readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
        readonly values?: readonly string[] | undefined;
      }[]
    | undefined;
}

/** What the API server would refuse a selector for, with the whole object it stands in; nothing when it is good. */
export function labelSelectorProblem(selector: LabelSelector): string | undefined {
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    if (!isLabelKey(key)) return `"${key}" is no label key`;
    if (!isLabelValue(value)) return `"${value}" is no label value`;
  }
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    if (!isLabelKey(key)) return `"${key}" is no label key`;
    const wantsValues = operator === "In" || operator === "NotIn";
    if (wantsValues && values.length === 0) return `the operator ${operator} needs values`;
    if (!wantsValues && values.length > 0) return `the operator ${operator} takes no values`;
    const bad = values.find((value) => !isLabelValue(value));
    if (bad !== undefined) return `"${bad}" is no label value`;
  }
  return undefined;
}

/** Whether a text can be the value of a label. */
export function isLabelValue(value: string): boolean {
  return value.length <= 63 && /^(?:[A-Za-z0-9](?:[-._A-Za-z0-9]*[A-Za-z0-9])?)?$/u.test(value);
}

/** Whether a text can be the key of a label: a name of at most 63 characters, after an optional DNS prefix. */
export function isLabelKey(key: string): boolean {
  const slash = key.indexOf("/");
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  const name = key.slice(slash + 1);
  if (
    prefix !== undefined &&
    (prefix.length > 253 ||
      !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/u.test(prefix))
  ) {
    return false;
  }
  return name !== "" && isLabelValue(name);
}
