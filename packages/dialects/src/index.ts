export { blockers } from "./blocker.ts";
export type { Dialect, Gateway, Reading, ReadOptions, World } from "./dialect.ts";
export { dialects } from "./dialects.ts";
export type { Kind, PrinterColumn } from "./kind.ts";
export {
  type ContainerInput,
  type ContainerProblem,
  type ContainerReading,
  readContainer,
  type SecretFile,
  secretFile,
} from "./langop/container.ts";
export { type Manifest, type ManifestProblem, type Manifests, placeOf, readManifests } from "./manifest.ts";
export { originOf, type Resource } from "./resource.ts";
export { worldOf } from "./world.ts";
