import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Kubelet } from "@gatewright/testkit";

/** Where pods that have no network are reached by another process. */
export interface PodTunnel extends AsyncDisposable {
  /** Environment of a process that is to reach pods at their own addresses. */
  readonly environment: { readonly [name: string]: string };
}

/** Starts a server that `pod-network.ts` sends connections to; the first line of each says which pod and port it is for. */
export async function startPodTunnel(kubelet: Pick<Kubelet, "resolve">): Promise<PodTunnel> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => {}).on("close", () => open.delete(socket));
    socket.once("data", (first) => {
      socket.pause();
      const end = first.indexOf("\n");
      const [address = "", port] = first.toString("latin1", 0, end).split(":");
      try {
        const pod = connect({ ...kubelet.resolve(address, Number(port)) });
        pod.on("error", () => socket.destroy());
        socket.on("close", () => pod.destroy());
        pod.write(first.subarray(end + 1));
        socket.pipe(pod).pipe(socket);
      } catch {
        socket.destroy();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    environment: {
      NODE_OPTIONS: `--import ${new URL("pod-network.ts", import.meta.url).href}`,
      POD_TUNNEL: String((server.address() as AddressInfo).port),
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
