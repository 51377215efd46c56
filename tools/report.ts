import process from "node:process";

/** Prints what a check found, one problem a line, and sets the exit code. */
export function report(check: string, problems: readonly string[], advice: string): void {
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length === 0) return;
  process.stderr.write(
    `\n${check}: ${problems.length} problem${problems.length > 1 ? "s" : ""}. ${advice}\n`,
  );
  process.exitCode = 1;
}
