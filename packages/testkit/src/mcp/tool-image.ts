import process from "node:process";
import { fileURLToPath } from "node:url";
import type { ImageProgram } from "../kubernetes/kubelet/container-command.ts";

/**
 * The image of an MCP server, for `startKubelet({ images })`. It offers the tools named in the variable TOOLS (separated by
 * commas), one a page, and answers everything with 503 while OUT_OF_ORDER is set.
 */
export const toolImage: ImageProgram = {
  command: [process.execPath, fileURLToPath(new URL("main.ts", import.meta.url))],
  testProgram: true,
};
