import { rm } from "node:fs/promises";
import process from "node:process";
import { build } from "esbuild";
import { layOutImage } from "./image/lay-out-image.ts";

/**
 * Bundles the program: one ESM entry `dist/gatewright.mjs` and lazily loaded chunks, so that a gateway never reads
 * the code of the operator and the other way round. Then lays out the image's files in `dist/image`.
 */
await rm("dist", { recursive: true, force: true });
const result = await build({
  entryPoints: { gatewright: "packages/cli/src/main.ts" },
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22.19",
  outExtension: { ".js": ".mjs" },
  chunkNames: "chunks/[name]-[hash]",
  // Stack traces point into the sources; the sources themselves are not shipped.
  sourcemap: "linked",
  sourcesContent: false,
  // A third less to ship and to read at the start. Names stay: a stack trace without its map still tells the function.
  minifyWhitespace: true,
  // CommonJS dependencies (pino) call `require` for Node's own modules, which ESM does not have.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  metafile: true,
  logLevel: "warning",
}).catch(() => undefined);
if (result === undefined) process.exit(1); // esbuild has told why, with file and line

const outputs = Object.entries(result.metafile.outputs).filter(([path]) => path.endsWith(".mjs"));
outputs.sort(([, a], [, b]) => b.bytes - a.bytes);
const size = (bytes: number): string => `${(bytes / 1024).toFixed(0).padStart(6)} KB`;
for (const [path, { bytes }] of outputs) process.stdout.write(`${size(bytes)}  ${path}\n`);
const total = outputs.reduce((sum, [, { bytes }]) => sum + bytes, 0);
process.stdout.write(`${size(total)}  in ${outputs.length} files\n`);

await layOutImage({
  root: process.cwd(),
  target: "dist/image",
  bundle: "dist",
  files: outputs.map(([path]) => path.slice("dist/".length)),
  inputs: Object.keys(result.metafile.inputs),
});
