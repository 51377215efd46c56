import { existsSync } from "node:fs";
import process from "node:process";
import { expanded } from "./environment.ts";
import { type MachineMapping, onThisMachine } from "./machine-mapping.ts";
import type { Container } from "./pod.ts";

/** How an image's program is run on this machine. */
export interface ImageProgram {
  /** Stands for the image's entry point, which a container's `command` replaces. */
  readonly command: readonly string[];
  /** The image's default arguments, which a container's `args` replace. */
  readonly args?: readonly string[];
  /** The image's own environment. */
  readonly environment?: { readonly [name: string]: string };
}

/** A container in terms of this machine. */
export interface ContainerCommand {
  readonly command: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
  /** Puts another command line of the container (of a probe or hook) in the same terms. */
  readonly translate: (words: readonly string[]) => readonly string[];
}

/** What is run for a container. `folder` stands for the image's working folder. */
export function containerCommand(
  container: Container,
  program: ImageProgram,
  variables: ReadonlyMap<string, string>,
  mapping: MachineMapping,
  machine: { readonly folder: string; readonly hostname: string },
): ContainerCommand {
  const translate = (words: readonly string[]): readonly string[] =>
    words.map((word) => onThisMachine(expanded(word, variables), mapping));
  const defaults = container.command === undefined ? (program.args ?? []) : [];
  const entry = container.command === undefined ? program.command : translate(container.command);
  const given = [...variables].map(([name, value]) => [name, onThisMachine(value, mapping)] as const);
  const folder = onThisMachine(container.workingDir ?? machine.folder, mapping);
  return {
    command: [...entry, ...(container.args === undefined ? defaults : translate(container.args))],
    environment: {
      PATH: process.env["PATH"],
      HOME: machine.folder,
      HOSTNAME: machine.hostname,
      ...program.environment,
      ...Object.fromEntries(given),
    },
    // A working folder of the image is not on this machine.
    folder: existsSync(folder) ? folder : machine.folder,
    translate,
  };
}
