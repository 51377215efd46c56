import { spawnSync } from "node:child_process";
import process from "node:process";
import { type RunningProcess, startProcess } from "@gatewright/testkit";

/** A program and how it is started. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: { readonly [name: string]: string };
}

/** The core of what is measured, and that of everything else. */
export const measuredCore = 0;
export const loadCore = 1;

/** Whether processes can be kept on their cores. */
export const pinned =
  process.platform === "linux" &&
  spawnSync("taskset", ["-c", `${measuredCore},${loadCore}`, "true"]).status === 0;

/** Keeps this process, which makes the load, and what it starts without a core, away from what it measures. */
export function pinLoad(): void {
  if (pinned) spawnSync("taskset", ["-a", "-c", "-p", String(loadCore), String(process.pid)]);
}

function on(core: number, command: string, args: readonly string[]): Pick<Program, "command" | "args"> {
  return pinned ? { command: "taskset", args: ["-c", String(core), command, ...args] } : { command, args };
}

/** A program on the measured core. */
export function measuredProgram(
  command: string,
  args: readonly string[],
  environment: Program["environment"],
): Program {
  return { ...on(measuredCore, command, args), environment };
}

/** A program of our Node on the measured core. */
export function measuredNode(args: readonly string[], environment: Program["environment"]): Program {
  return measuredProgram(process.execPath, args, environment);
}

/** A program of our Node beside the load. */
export function loadNode(args: readonly string[], environment: Program["environment"]): Program {
  return { ...on(loadCore, process.execPath, args), environment };
}

/** Starts it; what it says is thrown away, so that nobody has to read it during the load. */
export function start({ command, args, environment }: Program): RunningProcess {
  return startProcess(command, args, { environment, silent: true });
}

/** Starts one that could not be used once more, and tells the last that it says. */
export async function lastWords({ command, args, environment }: Program): Promise<string> {
  await using again = startProcess(command, args, { environment });
  await Promise.race([again.exited, new Promise((resolve) => setTimeout(resolve, LISTEN_MILLISECONDS))]);
  const said = again.stderr.trim() === "" ? again.stdout : again.stderr;
  return messageOf(said.trim().split("\n").at(-1) ?? "").slice(0, SAID);
}

/** Settings of its document that a gateway of ours says it does not honour: with them it is not what it is called. */
export async function ignoredSettings({ command, args, environment }: Program): Promise<readonly string[]> {
  await using gateway = startProcess(command, args, { environment });
  await gateway.line(/gateway serves/);
  return gateway.stderr.split("\n").flatMap((line) => {
    const { code, path } = logged(line);
    return code === "SettingIgnored" && path !== undefined ? [path] : [];
  });
}

/** The message of a line of a log of ours; any other line as it is. */
function messageOf(line: string): string {
  return logged(line).msg ?? line;
}

function logged(line: string): { readonly msg?: string; readonly code?: string; readonly path?: string } {
  try {
    return JSON.parse(line) as object;
  } catch {
    return {};
  }
}

const LISTEN_MILLISECONDS = 5_000;
const SAID = 300;
