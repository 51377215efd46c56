import process from "node:process";
import { gridLines } from "./generators/fidelity-reference.ts";

/** `npm run grid`: which client API is served by which provider's wire, and how. */
process.stdout.write(`${gridLines().join("\n")}\n`);
