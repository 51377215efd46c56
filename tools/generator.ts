/**
 * One source of generated files. A file `tools/generators/<name>.ts` exports one as `generator`; nothing else is
 * needed for `npm run generate` and the gate to find it.
 */
export interface Generator {
  readonly name: string;
  /**
   * The files, whole: path relative to the root → text. Must not depend on clock, machine or order of reading,
   * or the gate reports drift that nobody made.
   */
  outputs(): Promise<Readonly<Record<string, string>>>;
}
