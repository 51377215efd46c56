// A file of its own, so that it can be imported when a proxy is configured: it takes all of undici along.
export { ProxyAgent } from "undici";
