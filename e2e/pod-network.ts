import { Socket } from "node:net";
import process from "node:process";

/*
 * Loaded into a process before anything else (`node --import`): what it sends to a pod's address goes through the tunnel
 * whose port is in POD_TUNNEL, because where tests run there is no pod network.
 */

interface Target {
  host?: string | undefined;
  port?: number | string | undefined;
}

const tunnel = process.env["POD_TUNNEL"];
const { connect } = Socket.prototype as unknown as { readonly connect: (...args: unknown[]) => void };

Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
  // Node's own modules pass their arguments as one list.
  const target = (Array.isArray(args[0]) ? args[0][0] : args[0]) as Target | undefined;
  const { host, port } = target ?? {};
  if (target === undefined || host?.startsWith("10.244.") !== true) {
    connect.apply(this, args);
    return this;
  }
  Object.assign(target, { host: "127.0.0.1", port: tunnel });
  connect.apply(this, args);
  this.write(`${host}:${port}\n`);
  return this;
} as Socket["connect"];
