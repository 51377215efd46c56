import { ignored, needless, refused } from "./entry.ts";

/* Reasons that many settings share, so that a feature that arrives is one word to look for. */

export const noRetries = ignored("requests are not retried yet");
export const noFallbacks = ignored("requests do not go to other models yet");
export const noCooldown = ignored("failing deployments do not rest yet");
export const noLimits = ignored("this limit is not enforced yet");
export const noBudgets = ignored("spend is not counted yet, so no budget is enforced");
export const noCosts = ignored("costs are not counted yet");
export const noCache = ignored("answers are not cached yet");
export const noTags = ignored("requests are not routed by tags yet");
export const noHealthChecks = ignored("upstreams are judged by their answers; no checks are sent yet");
export const noTeams = needless("there are no users, teams or virtual keys yet");
export const noDatabase = ignored("there is no database yet");
export const noSharedState = ignored("replicas do not share state yet");
export const noAlerts = ignored("no alerts are sent yet");
export const noTools = ignored("MCP servers are not served yet");
export const noPassThrough = ignored("pass-through routes are not served yet");
export const otherProvider = needless("it belongs to a provider the native engine does not call yet");
export const noIdentity = refused("callers are not identified this way yet");
export const notes = needless("it describes; nothing depends on it");
