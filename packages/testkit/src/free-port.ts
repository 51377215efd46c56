import { createServer } from "node:net";

/**
 * The first of `count` consecutive ports of 127.0.0.1 that nobody listens on. Taken below the range from which the
 * system gives ports to outgoing connections, so that no connection takes one between this look and its use; never the
 * same one twice in a process.
 */
export async function freePort(count = 1): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const first = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST - count));
    const ports = Array.from({ length: count }, (_, index) => first + index);
    if (ports.some((port) => given.has(port))) continue;
    const free = await Promise.all(ports.map(isFree));
    if (!free.every(Boolean)) continue;
    for (const port of ports) given.add(port);
    return first;
  }
  throw new Error(`no ${count} consecutive free ports between ${LOWEST} and ${HIGHEST}`);
}

const LOWEST = 15_000;
const HIGHEST = 32_000;
const given = new Set<number>();

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
