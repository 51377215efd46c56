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
  /**
   * It is made for tests and knows that it is in no container. It is told what a container would simply see, in
   * variables: `GATEWRIGHT_TEST_ROOT`, a folder that has the mounts as its `/` would; `GATEWRIGHT_TEST_PORTS`, by
   * containerPort where it is to listen (JSON); and the proxy by which it reaches Services by their names.
   */
  readonly testProgram?: boolean;
}

/** A container in terms of this machine. */
export interface ContainerCommand {
  readonly command: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
  /** Puts another command line of the container (of a probe or hook) in the same terms. */
  readonly translate: (words: readonly string[]) => readonly string[];
}

/** What a container is put in on this machine. */
export interface ContainerMachine {
  /** Stands for the image's working folder. */
  readonly folder: string;
  readonly hostname: string;
  /** Stands for `/`, for those that are told. */
  readonly root: string;
  /** The variables by which Services are reached, for those that are told. */
  readonly network: { readonly [name: string]: string };
}

/** What is run for a container. */
export function containerCommand(
  container: Container,
  program: ImageProgram,
  variables: ReadonlyMap<string, string>,
  mapping: MachineMapping,
  machine: ContainerMachine,
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
      ...(program.testProgram === true ? told(mapping, machine) : {}),
      ...Object.fromEntries(given),
    },
    // A working folder of the image is not on this machine.
    folder: existsSync(folder) ? folder : machine.folder,
    translate,
  };
}

function told({ ports }: MachineMapping, { root, network }: ContainerMachine): NodeJS.ProcessEnv {
  return {
    ...network,
    GATEWRIGHT_TEST_ROOT: root,
    GATEWRIGHT_TEST_PORTS: JSON.stringify(Object.fromEntries(ports)),
  };
}
