// Loaded before Portkey (`node --import`), which would listen on every interface: here it gets loopback alone.
import { Server } from "node:net";

const listen = Object.getOwnPropertyDescriptor(Server.prototype, "listen").value;

Server.prototype.listen = function (port, ...rest) {
  if (typeof port === "object" && port !== null)
    return listen.call(this, { ...port, host: "127.0.0.1" }, ...rest);
  const more = rest.filter((one) => typeof one !== "string");
  return listen.call(this, port, "127.0.0.1", ...more);
};
