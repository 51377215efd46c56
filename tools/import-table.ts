/** One row of the import table in `docs/architecture.md`. */
export interface ImportRule {
  /** The packages (by folder name) that production code of this one may import. */
  readonly allows: (folder: string) => boolean;
  /** Only tests may import this package. */
  readonly testsOnly: boolean;
}

const heading = /^\|\s*package\s*\|\s*is\s*\|\s*may import\s*\|$/;

/**
 * Reads the table headed `package | is | may import` out of a markdown page.
 * Last column: `–` (nothing), `any`, or names separated by commas; `imported by tests only` marks a package for tests.
 * @throws when there is no such table or a cell says something else: a table that cannot be read must not allow.
 */
export function readImportTable(markdown: string): Map<string, ImportRule> {
  const lines = markdown.split("\n").map((line) => line.trim());
  const start = lines.findIndex((line) => heading.test(line));
  if (start === -1) throw new Error("docs/architecture.md: no table headed `package | is | may import`");
  const cells = new Map<string, string>();
  for (const line of lines.slice(start + 2)) {
    if (!line.startsWith("|")) break;
    const columns = line.split("|").map((cell) => cell.trim());
    const name = /^`([a-z][a-z0-9-]*)`$/.exec(columns[1] ?? "")?.[1];
    if (name === undefined || columns.length !== 5) {
      throw new Error(`docs/architecture.md: import table: cannot read the row ${line}`);
    }
    if (cells.has(name)) throw new Error(`docs/architecture.md: import table: two rows for ${name}`);
    cells.set(name, columns[3] ?? "");
  }
  return new Map([...cells].map(([name, cell]) => [name, readCell(name, cell, cells)]));
}

function readCell(name: string, cell: string, rows: ReadonlyMap<string, string>): ImportRule {
  const testsOnly = /\bimported by tests only\b/.test(cell);
  const text = cell.replace(/;.*$/, "").trim();
  if (text === "any") return { testsOnly, allows: () => true };
  if (/^–( \(.*\))?$/.test(text)) return { testsOnly, allows: () => false };
  const names = new Set(text.split(",").map((item) => item.trim().replaceAll("`", "")));
  for (const item of names) {
    if (rows.has(item)) continue;
    throw new Error(`docs/architecture.md: import table: ${name} may import \`${item}\`, which has no row`);
  }
  return { testsOnly, allows: (folder) => names.has(folder) };
}
