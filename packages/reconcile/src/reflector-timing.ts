/** The times of a reflector, milliseconds. */
export interface ReflectorTiming {
  /** A watch that brings nothing, not even a bookmark, for so long is torn down. The server sends a bookmark a minute. */
  readonly stallMilliseconds: number;
  /** Pauses after failures: the first, doubling up to the longest. */
  readonly firstPauseMilliseconds: number;
  readonly longestPauseMilliseconds: number;
  /** A watch that lasted so long was healthy: the next failure is a first one. */
  readonly healthyMilliseconds: number;
  /** How long the server is asked to keep a watch open, at least; at most twice that. */
  readonly watchMilliseconds: number;
  /** One page of a list, or the head of a watch's answer, must come within this. */
  readonly openMilliseconds: number;
  /** Where nothing tells when an absent kind appears, it is looked for this often. */
  readonly pollMilliseconds: number;
}

export const reflectorTiming: ReflectorTiming = {
  stallMilliseconds: 180_000,
  firstPauseMilliseconds: 100,
  longestPauseMilliseconds: 30_000,
  healthyMilliseconds: 10_000,
  watchMilliseconds: 300_000,
  openMilliseconds: 60_000,
  pollMilliseconds: 300_000,
};
