/** Says what happens: an object of fields, then a sentence. Never a secret. pino's loggers are such loggers. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What an error says, in one line, for logs and metrics: the message and that of its cause, never the stack. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message : undefined;
  const text = error.message === "" ? error.name : error.message;
  return cause === undefined || text.includes(cause) ? text : `${text}: ${cause}`;
}
