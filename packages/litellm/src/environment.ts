const prefix = "os.environ/";

/** `os.environ/NAME` → `NAME`: the way a document refers to a value it does not hold (litellm.md §2). */
export function environmentName(value: unknown): string | undefined {
  return typeof value === "string" && value.startsWith(prefix)
    ? value.slice(prefix.length).trim()
    : undefined;
}
