import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { SHARED_KUBERNETES } from "./shared-kubernetes.ts";
import { startKubernetes } from "./start-kubernetes.ts";

/* `node packages/testkit/src/kubernetes/main.ts`: a server to try things on by hand, until Ctrl-C. */
const kubernetes = await startKubernetes();
const file = join(kubernetes.connection.folder, "connection.json");
await writeFile(file, JSON.stringify(kubernetes.connection), { mode: 0o600 });
process.stdout.write(
  `${kubernetes.url}\nexport KUBECONFIG=${kubernetes.kubeconfig}\n` +
    `export ${SHARED_KUBERNETES}=${file}   # for the tests, which start none of their own then\n`,
);
const stop = (): void => {
  void kubernetes.stop().then(() => process.exit(0));
};
process.once("SIGINT", stop);
process.once("SIGTERM", stop);
// The server's processes are no reason for this one to live on.
setInterval(() => {}, 2 ** 30);
