export { messagesApi } from "./edge/messages/messages-api.ts";
export { createLogger, type Logger } from "./logger.ts";
export { type Watch, watchPaths } from "./snapshot/watch.ts";
export { type Loaded, type Source, SourceError } from "./source.ts";
export { type GatewayOptions, type RunningGateway, startGateway } from "./start-gateway.ts";
