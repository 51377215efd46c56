/** Text as one word of a POSIX shell, which takes it as it is. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The same without quotes where none are needed. */
export function shortShellWord(text: string): string {
  return /^[\w%+,./:@-]+$/.test(text) ? text : shellWord(text);
}

/** A comment for a shell. On one line, or what follows would be run. */
export function shellComment(text: string): string {
  return `# ${text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim()}`;
}
