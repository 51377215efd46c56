import type { Finding } from "@gatewright/plan";
import type { Installation } from "../../installation.ts";
import type { Resource } from "../../resource.ts";
import type { LanguageClusterSpec } from "../kinds/language-cluster.ts";
import { fieldFinding } from "../read/entry.ts";
import { type AuthIssuer, authIssuer, authSecret } from "./auth-issuer.ts";
import { restrictedContainer } from "./member-pod.ts";
import { publishedScheme } from "./tls.ts";

/** Port of the proxy in the pods of agents, which their Ingress leads to (langop.md §2.4). */
export const signInPort = 4180;

const image = "quay.io/oauth2-proxy/oauth2-proxy:v7.7.1";

/** Longest time an agent may take to begin its answer; the proxy's own 30 seconds are less than a model needs. */
const upstreamTimeout = "10m";

export interface SignInInput {
  readonly cluster: Resource;
  readonly spec: LanguageClusterSpec;
  readonly installation: Pick<Installation, "tlsIssuer" | "externalScheme">;
  readonly agent: {
    readonly resource: Resource;
    /** Host of its Ingress, `<agent>.<domain>`; absent when it is not published. */
    readonly host?: string | undefined;
    /** Port of the agent's container that its Ingress would lead to without the proxy. */
    readonly port: number;
  };
  /** `auth.enabled` of the agent's runtime: false leaves its agents open. */
  readonly runtimeAuth?: boolean | undefined;
}

export interface SignInProxy {
  readonly container: object;
  /** What the Ingress leads to, and what ingress controllers must be let through to (langop.md §2.5). */
  readonly port: typeof signInPort;
  /** Names of the Secrets that it reads at its start, in the namespace of the agent. */
  readonly secrets: readonly string[];
  readonly findings: readonly Finding[];
}

/**
 * The container `auth-proxy` of an agent's pods, an oauth2-proxy (oauth2-proxy.github.io, 7.7) that lets people through
 * who have signed in; `undefined` when sign-in is off, when the agent's runtime has none, and when nobody comes from
 * outside. The agent's own port stays as it is for other agents. Without a client secret the proxy does not start, and
 * the pod does not get ready: an agent is never published unprotected.
 */
export function signInProxy(input: SignInInput): SignInProxy | undefined {
  const { cluster, spec, installation, agent, runtimeAuth = true } = input;
  const issuer = authIssuer(cluster, spec, installation);
  if (issuer === undefined || !runtimeAuth || !agent.host) return undefined;
  const findings: Finding[] = [];
  if (agent.port === signInPort) {
    const text = `listens on ${signInPort}, the port of the proxy that people sign in at: the two cannot run in one pod. Give the agent another port.`;
    findings.push(fieldFinding(agent.resource, "spec.ports", "SignInPortTaken", "dropped", text));
  }
  const probe = { httpGet: { path: "/ping", port: signInPort }, timeoutSeconds: 5 };
  const container = {
    name: "auth-proxy",
    image,
    args: argumentsOf(input, issuer, agent.host),
    ports: [{ name: "auth-proxy", containerPort: signInPort, protocol: "TCP" }],
    env: [
      secretVariable("OAUTH2_PROXY_CLIENT_SECRET", issuer.clientSecret),
      secretVariable("OAUTH2_PROXY_COOKIE_SECRET", { name: authSecret.name, key: authSecret.cookieKey }),
    ],
    // Limits too: a quota on limits admits no pod without.
    resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { cpu: "200m", memory: "128Mi" } },
    livenessProbe: { ...probe, periodSeconds: 10 },
    readinessProbe: { ...probe, periodSeconds: 5 },
    securityContext: {
      ...restrictedContainer,
      // Of its own, since the user may say of the pod that it runs as somebody else.
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      seccompProfile: { type: "RuntimeDefault" },
    },
  };
  const secrets = [...new Set([authSecret.name, issuer.clientSecret.name])];
  return { container, port: signInPort, secrets, findings };
}

/** Where a browser is sent back to after it has signed in; the issuer must know the address. */
export function signInAddress(
  cluster: Resource,
  spec: LanguageClusterSpec,
  installation: Pick<Installation, "tlsIssuer" | "externalScheme">,
  host: string,
): string {
  return `${publishedScheme(cluster, spec, installation)}://${host}/oauth2/callback`;
}

function argumentsOf(
  { cluster, spec, installation, agent }: SignInInput,
  issuer: AuthIssuer,
  host: string,
): readonly string[] {
  const secure = publishedScheme(cluster, spec, installation) === "https";
  return [
    `--http-address=0.0.0.0:${signInPort}`,
    `--upstream=http://127.0.0.1:${agent.port}`,
    `--upstream-timeout=${upstreamTimeout}`,
    "--provider=oidc",
    `--oidc-issuer-url=${issuer.url}`,
    ...endpointsOf(issuer),
    `--client-id=${issuer.clientId}`,
    `--redirect-url=${signInAddress(cluster, spec, installation, host)}`,
    `--email-domain=${spec.auth?.oidc?.emailDomain || "*"}`,
    `--cookie-secure=${secure}`,
    "--skip-provider-button=true",
    "--pass-access-token=true",
  ];
}

/**
 * Dex is asked inside the cluster: agents may not connect to the Ingress, and the pod starts while Dex does not run. Only
 * the page where people sign in is the one that browsers reach. Other providers say themselves where they are.
 */
function endpointsOf({ url, inside }: AuthIssuer): readonly string[] {
  if (inside === undefined) return [];
  return [
    "--skip-oidc-discovery=true",
    `--login-url=${url}/auth`,
    `--redeem-url=${inside}/token`,
    `--oidc-jwks-url=${inside}/keys`,
  ];
}

function secretVariable(
  name: string,
  secretKeyRef: { readonly name: string; readonly key: string },
): { readonly name: string; readonly valueFrom: object } {
  return { name, valueFrom: { secretKeyRef } };
}
