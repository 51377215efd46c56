export type { Behaviour, Script } from "./fake-upstream/behaviour.ts";
export {
  type FakeUpstream,
  type FakeUpstreamOptions,
  startFakeUpstream,
} from "./fake-upstream/fake-upstream.ts";
export type { RecordedRequest, UpstreamStats } from "./fake-upstream/recording.ts";
export { freePort } from "./free-port.ts";
export { type Exit, type ProcessOptions, type RunningProcess, startProcess } from "./process.ts";
export { chatText, events, type ReadStream, readStream } from "./sse.ts";
export { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";
export { GENEROUS_MILLISECONDS, type WaitOptions, waitFor, within } from "./wait.ts";
