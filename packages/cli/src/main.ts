import process from "node:process";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import manifest from "../package.json" with { type: "json" };
import { defaultLitellmImage } from "./default-image.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { processSurroundings } from "./surroundings.ts";
import type { TranslateOptions } from "./translate.ts";

/*
 * The `gatewright` command. Only what the command line itself needs is loaded here; each command loads its own code,
 * so that `--help` is quick and a gateway never reads what it does not run.
 */

const program = new Command("gatewright")
  .description(
    "The AI gateway for Kubernetes: serves what langop.io, runtime.agentic-layer.ai and litellm.palena.ai manifests, LiteLLM configuration files and langop model files declare.",
  )
  .version(manifest.version)
  // Before the first command: commands inherit it.
  .exitOverride()
  .configureHelp({ helpWidth: 100 })
  .showHelpAfterError("Run it with --help to see what it takes.")
  .addHelpText(
    "after",
    `
First steps:
  gatewright up examples/quickstart                     a gateway that needs no key and no network
  gatewright up manifests/ --port 8080                  the gateways of a folder of manifests, on this machine
  gatewright translate manifests/ -o litellm            the LiteLLM configuration they come to

Exit codes: 0 done; 1 failed; 2 wrong usage, or input that cannot be parsed (nothing was done).`,
  );

/** Runs a command whose code is loaded now; its answer becomes the exit code of the process. */
async function run(command: () => Promise<ExitCode>): Promise<void> {
  process.exitCode = await command();
}

program
  .command("up")
  .summary("serve what manifests and configuration files declare, on this machine")
  .description(
    "Serves every gateway that the manifests, LiteLLM configuration files and langop model files in PATH declare: one port each, from --port upwards. Edits apply at once; a broken one keeps what was served before. Secrets are looked for in the environment, in Secret manifests, and in the folder secrets of --data; a master key that is not there is generated and kept. Agents are not run: each is listed with the environment to start it with on this machine. Where one has limits, the gateway asks for agent keys, as in a cluster.",
  )
  .argument(
    "[path...]",
    "files or folders; a folder gives its *.yaml, *.yml and *.json files, and models/ with secrets/",
    ["."],
  )
  .option("--port <number>", "port of the first gateway; 0 takes free ones", port, 4000)
  .option("--host <address>", "address to listen on", "127.0.0.1")
  .option(
    "--data <folder>",
    "where generated keys are kept (default: gatewright in $XDG_STATE_HOME or ~/.local/state)",
  )
  .option("--no-watch", "do not follow edits")
  .addHelpText(
    "after",
    `
Examples:
  gatewright up                                         the current folder
  gatewright up examples/quickstart
  OPENAI_API_KEY=sk-... gatewright up config.yaml       a LiteLLM configuration file, with the real provider
  gatewright up team-a/ team-b/models.yaml --port 8080  several gateways: ports 8080, 8081, ...`,
  )
  .action(async (paths: string[], options) =>
    run(async () => (await import("./up.ts")).up(paths, options, processSurroundings())),
  );

inputOptions(program.command("gateway"))
  .summary("run one gateway from one document, as in a pod")
  .description(
    "Serves one LiteLLM configuration document and follows its changes. Takes the arguments of LiteLLM's image. Without --config (or CONFIG_FILE_PATH) it reads what the langop container finds: the document config.yaml beside the model files, else the model files, and mounted Secrets. Values of os.environ/NAME come from the environment, then from the secrets folders, which are read again whenever they change. With DEBUG=true it prints the document at start, redacted.",
  )
  .option("--port <number>", "port to listen on", port, 4000)
  .option("--host <address>", "address to listen on", "0.0.0.0")
  .option(
    "--num_workers <number>",
    "worker processes; this version always runs one",
    count,
    Number(process.env["NUM_WORKERS"] ?? 1) || 1,
  )
  .option(
    "--drain-seconds <number>",
    "how long open requests may go on after SIGTERM; until then new ones are served too, while readiness says no",
    seconds,
    30,
  )
  .option("--debug", "log more", false)
  .option("--detailed_debug", "log everything", false)
  .addHelpText(
    "after",
    `
Examples:
  gatewright gateway --config /app/config.yaml --port 4000
  gatewright gateway --config config.yaml --host 127.0.0.1 --detailed_debug
  gatewright gateway --models ./models --secrets ./secrets    the langop container contract, elsewhere`,
  )
  .action(async (options) =>
    run(async () => {
      const { num_workers: workers, detailed_debug: detailedDebug, ...others } = options;
      return (await import("./gateway.ts")).gateway(
        { ...others, workers, detailedDebug },
        processSurroundings(),
      );
    }),
  );

program
  .command("operator")
  .summary("run the control plane of a Kubernetes cluster")
  .description(
    "Watches the resources of a cluster and keeps their gateways running: what `up` does on a laptop. Finds the API server as kubectl does, or by the service account of its pod. Dialects whose resource definitions are not installed wait until they are.",
  )
  .option(
    "--kubeconfig <file>",
    "how to reach the cluster (default: KUBECONFIG, the pod's service account, ~/.kube/config)",
  )
  .option(
    "--watch-namespaces <names>",
    "only these namespaces, separated by commas (default: WATCH_NAMESPACE, else all)",
  )
  .option(
    "--engine <[dialect=]engine>",
    "native or litellm, for gateways that do not name one; may be repeated (default: native for langop, litellm for the other dialects)",
    collect,
  )
  .option("--leader-elect", "act only while holding the lease, for several replicas", false)
  .option("--leader-election-id <[dialect=]name>", "name of the lease; may be repeated", collect)
  .option(
    "--leader-election-namespace <name>",
    "namespace of the lease (default: POD_NAMESPACE, else gatewright-system)",
  )
  .option("--health-probe-bind-address <address>", "where /healthz and /readyz are served; 0 is off", ":8081")
  .option("--metrics-bind-address <address>", "where /metrics is served; 0 is off", ":8080")
  .option("--image <image>", "this program's image, which native gateways run (default: GATEWRIGHT_IMAGE)")
  .option("--gateway-image <image>", "image of langop gateways that run on LiteLLM", defaultLitellmImage)
  .addOption(
    new Option("--gateway-image-pull-policy <policy>", "for the containers of gateways").choices([
      "Always",
      "IfNotPresent",
      "Never",
    ]),
  )
  .option("--gateway-ingress-class-name <name>", "class of Ingresses whose resource names none")
  .option("--agent-ingress-class-name <name>", "the same for the Ingresses of langop agents")
  .option("--agent-storage-class-name <name>", "storage class of agents' volumes whose resource names none")
  .option("--ingress-controller-namespace <name>", "namespace whose pods may connect to published agents")
  .addOption(
    new Option(
      "--external-scheme <scheme>",
      "scheme of published URLs where neither the resource nor its TLS tells (default: http)",
    ).choices(["http", "https"]),
  )
  .option("--tls-issuer-name <name>", "cert-manager issuer of Ingresses whose resource names no certificate")
  .addOption(
    new Option("--tls-issuer-kind <kind>", "its kind")
      .choices(["ClusterIssuer", "Issuer"])
      .default("ClusterIssuer"),
  )
  .option("--concurrency <number>", "resources of one kind worked on at the same time", count, 5)
  .option("--webhook-port <number>", "port of the admission webhook", port, 9443)
  .option("--webhook-url <url>", "where the API server reaches the webhook, when not through its Service")
  .option("--disable-webhooks", "do without the admission webhook", false)
  .option("--require-network-policy", "stop when the cluster does not enforce network policies", false)
  .option("--debug", "log more", false)
  .addHelpText(
    "after",
    `
Examples:
  gatewright operator --leader-elect                          in a pod, as deploy/install.yaml runs it
  gatewright operator --disable-webhooks                      against the cluster kubectl talks to
  gatewright operator --engine langop=litellm --watch-namespaces team-a,team-b`,
  )
  .action(async (options) =>
    run(async () => (await import("./operator.ts")).operator(options, processSurroundings())),
  );

program
  .command("translate")
  .summary("print what the operator would make of manifests")
  .description(
    "Prints, as YAML, what the input comes to: one document for each gateway, or each of its Kubernetes objects, in a fixed order. What is lost on the way is told on standard error, with file and line; so is which Secrets the operator fills from which, for they are never printed. The same input always gives the same output.",
  )
  .argument("<path...>", "files or folders, as for up")
  .addOption(
    new Option(
      "-o, --output <form>",
      "kubernetes: the objects, in apply order; litellm: the LiteLLM document; plan: the gateway plan; admin: what is stored through the management API",
    )
      .choices(["litellm", "plan", "admin", "kubernetes"])
      .makeOptionMandatory(),
  )
  .addOption(
    new Option(
      "--engine <engine>",
      "for gateways that do not name one (default: native for langop and files, litellm for the other dialects)",
    ).choices(["native", "litellm"]),
  )
  .addHelpText(
    "after",
    `
Examples:
  gatewright translate examples/langop -o kubernetes
  gatewright translate examples/langop -o litellm
  gatewright translate gateway.yaml -o litellm --engine native 2>findings.txt
  gatewright translate manifests/ -o plan`,
  )
  .action(async (paths: string[], options: TranslateOptions) =>
    run(async () => (await import("./translate.ts")).translate(paths, options, processSurroundings())),
  );

inputOptions(program.command("config"))
  .summary("inside a pod: print the document the gateway serves, redacted")
  .description(
    "Prints the document that a gateway with the same options and environment serves. Secrets are shown as [redacted], references to them as they are.",
  )
  .addHelpText(
    "after",
    `
Examples:
  kubectl exec deploy/gateway -- gatewright config
  gatewright config --config config.yaml`,
  )
  .action(async (options) =>
    run(async () => (await import("./config.ts")).config(options, processSurroundings())),
  );

program
  .command("health")
  .summary("ask a running gateway whether it is ready")
  .description(
    "Asks a gateway for its readiness and prints the answer. Exits with 0 when it is ready and with 1 when it is not, or does not answer.",
  )
  .option("--url <url>", "base URL of the gateway", "http://127.0.0.1:4000")
  .addHelpText(
    "after",
    `
Examples:
  gatewright health
  kubectl exec deploy/gateway -- gatewright health
  gatewright health --url http://127.0.0.1:8080`,
  )
  .action(async (options: { url: string }) =>
    run(async () => (await import("./health.ts")).health(options, processSurroundings())),
  );

program
  .command("seed")
  .summary("inside a pod: put first files into a folder, as the operator's init containers do")
  .description(
    "Copies the files below each SOURCE into TARGET, the last folder, unless something there has their name: nothing is ever overwritten. Of two sources with one file the first wins. The pods of langop agents run it before the agent starts (spec.workspace.initialFiles and seedConfigMapRef); nobody needs to call it by hand. Names that begin with two dots are not copied: they are how Kubernetes mounts a ConfigMap.",
  )
  .usage("[options] <source...> <target>")
  .argument("<path...>", "folders with files, and last the folder they are put into")
  .addHelpText(
    "after",
    `
Examples:
  gatewright seed /etc/agent-seed/0 /workspace`,
  )
  .action(async (paths: string[]) =>
    run(async () => (await import("./seed.ts")).seed(paths, processSurroundings())),
  );

/** Options that say where a single gateway takes its document from. */
function inputOptions(command: Command): Command {
  return command
    .option(
      "-c, --config <file>",
      "LiteLLM configuration file (default: CONFIG_FILE_PATH, else config.yaml beside the model files, else these)",
    )
    .option("--models <folder>", "folder of model__*.json files", "/etc/langop/models")
    .option(
      "--model-json <file>",
      "the single model file, when there is none in --models",
      "/etc/langop/model.json",
    )
    .option(
      "--secrets <folder>",
      "secret files: NAME (default: /etc/gatewright/secrets) and <secret>/<key> (default: /etc/secrets)",
    );
}

/** Gathers the values of an option that may be repeated. */
function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError("A port is a number from 0 to 65535.");
  return value;
}

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError("It is a number of seconds, 0 or more.");
  return value;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("It is a number from 1 upwards.");
  return value;
}

/**
 * The arguments of LiteLLM's image, which has no commands, mean `gateway`: a Deployment written for that image changes
 * its image alone.
 */
function withCommand(args: readonly string[]): readonly string[] {
  const [first] = args;
  const own = first === undefined || !first.startsWith("-") || /^(--help|-h|--version|-V)$/.test(first);
  return own ? args : ["gateway", ...args];
}

try {
  await program.parseAsync(withCommand(process.argv.slice(2)), { from: "user" });
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Help and version are answers; anything else is wrong usage, which commander has told.
  process.exitCode = error.exitCode === 0 ? exitCode.done : exitCode.unusable;
}
