import process from "node:process";
import { fileURLToPath } from "node:url";
import type { ImageProgram } from "../kubelet/container-command.ts";

/** The image of an agent that does what tests ask of it (`RunningAgent`), for `startKubelet({ images })`. */
export const agentImage: ImageProgram = {
  command: [process.execPath, fileURLToPath(new URL("main.ts", import.meta.url))],
  testProgram: true,
};
