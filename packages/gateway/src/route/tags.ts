/** Whether a deployment's tags suit a request's (litellm.md §4.5): one shared tag, or all of the request's. */
export function tagsMatch(own: readonly string[], asked: readonly string[], matchAny: boolean): boolean {
  if (asked.length === 0) return false;
  return matchAny ? asked.some((tag) => own.includes(tag)) : asked.every((tag) => own.includes(tag));
}

/** Clients choose their `User-Agent`: longer ones are not looked at to their end. */
const LONGEST_USER_AGENT = 512;

/** Whether a deployment's `tag_regex` suits a client. The patterns are of the form `^User-Agent: claude-code/`. */
export function patternsMatch(patterns: readonly RegExp[], userAgent: string): boolean {
  if (patterns.length === 0 || userAgent === "") return false;
  const text = `User-Agent: ${userAgent.slice(0, LONGEST_USER_AGENT)}`;
  return patterns.some((pattern) => pattern.test(text));
}

/** `tag_regex`, compiled. Patterns that cannot be used are left out, and said. */
export function tagPatternsOf(texts: readonly string[]): {
  readonly patterns: readonly RegExp[];
  readonly unusable: readonly string[];
} {
  const patterns: RegExp[] = [];
  const unusable: string[] = [];
  for (const text of texts) {
    const trouble = slow(text);
    if (trouble !== undefined) {
      unusable.push(`tag_regex ${JSON.stringify(text)} is not used: ${trouble}`);
      continue;
    }
    try {
      patterns.push(new RegExp(text));
    } catch (error) {
      unusable.push(
        `tag_regex ${JSON.stringify(text)} is not used: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  return { patterns, unusable };
}

/** Repetitions a pattern may have: each one more multiplies the time that the worst text takes. */
const MOST_REPETITIONS = 2;

/**
 * Why a pattern could take long on a text that a client has made for it; undefined when it cannot. Without a repetition
 * inside a repetition and without back-references the time grows by one power for every unbounded repetition, not
 * exponentially.
 */
function slow(pattern: string): string | undefined {
  let repetitions = 0;
  /** For each open group, whether it holds a repetition or alternatives, which may match one text in many ways. */
  const groups: boolean[] = [false];
  let closed = false;
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index];
    const wasClosed = closed;
    closed = false;
    if (character === "\\") {
      index++;
      if (/[1-9k]/.test(pattern[index] ?? "")) return "it refers back to a part of itself";
    } else if (character === "[") {
      while (++index < pattern.length && pattern[index] !== "]") if (pattern[index] === "\\") index++;
    } else if (character === "(") {
      groups.push(false);
    } else if (character === ")") {
      closed = groups.pop() ?? false;
      if (closed) groups[groups.length - 1] = true;
    } else if (character === "|") {
      groups[groups.length - 1] = true;
    } else if (
      character === "*" ||
      character === "+" ||
      (character === "{" && /^\{\d+(,\d*)?\}/.test(pattern.slice(index)))
    ) {
      if (wasClosed) return "a repetition inside a repetition can take very long";
      if (++repetitions > MOST_REPETITIONS) return `it has more than ${MOST_REPETITIONS} repetitions`;
      groups[groups.length - 1] = true;
    }
  }
  return undefined;
}
