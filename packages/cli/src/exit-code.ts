/** What the process says about how it went; scripts rely on these numbers. */
export const exitCode = {
  done: 0,
  failed: 1,
  /** Wrong usage, or input that cannot be parsed. Nothing was done. */
  unusable: 2,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
