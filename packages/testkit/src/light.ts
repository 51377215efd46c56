import { readdirSync } from "node:fs";
import { createOperatorLogger, startOperator } from "../../operator/src/index.ts";
import { startKubernetes } from "./kubernetes/start-kubernetes.ts";

const k = await startKubernetes({});
console.log("kube", k.kubeconfig);
for (const f of readdirSync("deploy/crds")) {
  const r = await k.kubectl(["apply", "-f", `deploy/crds/${f}`]);
  if (r.code !== 0) console.log(r.stderr);
}
const t0 = performance.now();
const op = await startOperator(
  {
    kubeconfig: k.kubeconfig,
    watchNamespaces: [],
    engines: {},
    leaderElection: false,
    leaderElectionIds: {},
    leaderElectionNamespace: "default",
    healthAddress: "127.0.0.1:0",
    metricsAddress: "0",
    namespace: "default",
    image: "gatewright:test",
    litellmImage: "litellm:x",
    concurrency: 5,
    networkIsolation: true,
    requireNetworkPolicy: false,
    validateDomains: false,
    standaloneAfterSeconds: 3,
  },
  {
    logger: createOperatorLogger({
      interactive: true,
      level: "debug",
      write: (t) => void process.stdout.write(t),
    }),
    version: "0",
  },
);
await op.working;
console.log("working after", performance.now() - t0);
const show = async (...a: string[]) => {
  const r = await k.kubectl(a);
  console.log(`$ kubectl ${a.join(" ")}\n${r.stdout}${r.stderr}`);
};
await show("apply", "-f", "examples/langop/");
await new Promise((r) => setTimeout(r, 6000));
await show("apply", "-f", "examples/langop/");
await new Promise((r) => setTimeout(r, 6000));
await show("get", "languageclusters,languagemodels", "-A");
await show("get", "languagecluster", "-o", "yaml");
await show("get", "languagemodels", "-A", "-o", "yaml");
await show(
  "get",
  "all,cm,secret,sa,role,rolebinding,networkpolicy,ingress,quota",
  "-A",
  "-l",
  "gatewright.dev/dialect",
);
await show("get", "events", "-A");
await op.close();
await k.stop();
