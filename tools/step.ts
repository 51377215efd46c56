import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import process from "node:process";
import { stripVTControlCharacters } from "node:util";

/** One thing the gate runs: a process whose exit code says whether it passed. */
export interface Step {
  readonly name: string;
  /** Arguments of the running Node: a script and its arguments. */
  readonly run: readonly string[];
  /** The step is a vitest run with the counts reporter: its tests are counted instead of the step. */
  readonly tests?: boolean;
}

export interface Totals {
  readonly passed: number;
  readonly failed: number;
}

interface Outcome extends Totals {
  readonly ok: boolean;
  readonly note: string;
}

const colour = process.stdout.isTTY === true && process.env["NO_COLOR"] === undefined;
const paint = (code: number, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);

/**
 * Reads the last `N passed, N failed, N skipped` line of a vitest run.
 * A failing step counts as one failed: alone if it has no tests (or died before it could report them), and
 * where vitest exits with an error although no test failed (a coverage threshold, an unhandled rejection).
 */
export function readOutcome(step: Pick<Step, "tests">, exitCode: number, output: string): Outcome {
  const ok = exitCode === 0;
  if (step.tests !== true) return { ok, passed: 0, failed: ok ? 0 : 1, note: "" };
  const lines = [...output.matchAll(/^(\d+) passed, (\d+) failed, (\d+) skipped$/gm)];
  const last = lines.at(-1);
  if (last === undefined) return { ok: false, passed: 0, failed: 1, note: "no test counts reported" };
  const [passed, failed, skipped] = last.slice(1).map(Number) as [number, number, number];
  const note = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
  return { ok: ok && failed === 0, passed, failed: ok || failed > 0 ? failed : 1, note };
}

function execute(step: Step): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, step.run, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...(colour ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" }) },
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.on("error", (error) => resolve({ exitCode: 1, output: `${output}${error.message}\n` }));
    child.on("close", (code, signal) => {
      const ending = signal === null ? "" : `ended by ${signal}\n`;
      resolve({ exitCode: code ?? 1, output: output + ending });
    });
  });
}

/**
 * Runs the steps, at most one per core at a time and in the given order (put the longest first), prints one line
 * for each as it ends and the full output of each that failed, and returns the sums.
 */
export async function runSteps(steps: readonly Step[], width = availableParallelism()): Promise<Totals> {
  const waiting = [...steps];
  let passed = 0;
  let failed = 0;
  const worker = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const started = performance.now();
      const { exitCode, output } = await execute(step);
      const outcome = readOutcome(step, exitCode, stripVTControlCharacters(output));
      passed += outcome.passed;
      failed += outcome.failed;
      const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
      const verdict = outcome.ok ? paint(32, "ok    ") : paint(31, "failed");
      process.stdout.write(`${step.name.padEnd(12)} ${verdict} ${seconds} s  ${outcome.note}`.trimEnd());
      process.stdout.write(outcome.ok ? "\n" : `\n${output.trimEnd()}\n\n`);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, width) }, worker));
  return { passed, failed };
}

/** Prints the last line of the gate and sets the exit code. */
export function conclude(totals: Totals): void {
  process.exitCode = totals.failed === 0 ? 0 : 1;
  process.stdout.write(`${totals.passed} passed, ${totals.failed} failed\n`);
}
