import { honoured, ignored, needless, refused } from "./entry.ts";

/* Reasons that many settings share, so that a feature that arrives is one word to look for. */

export const noLimits = ignored("this limit is not enforced yet");
export const noCache = ignored("answers are kept in memory or in Redis only");
export const noHealthProbe = ignored("checks are free looks at the upstream, never a completion");
export const noTeams = needless("users, teams and keys are those of the document; they are not managed yet");
export const noDatabase = ignored("there is no database yet");
export const noAlerts = ignored("no alerts are sent yet");
export const noTools = ignored("MCP servers are not served yet");
export const noPassThrough = ignored("the providers' own pass-through routes are not served yet");
export const otherProvider = needless("it belongs to a provider the native engine does not call yet");
export const noIdentity = refused("callers are not identified this way yet");
export const alwaysFitted = needless("requests are always put into the form that the provider takes");
export const notes = needless("it describes; nothing depends on it");
export const uncounted = ignored("usage does not say how much of this there was, so it is not charged");
export const inMemory = honoured(
  "without Redis what was spent is known to each replica alone, and forgotten when it restarts",
);
