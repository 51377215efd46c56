import type { ApiClient } from "../api-client.ts";

/** The values of a ConfigMap or Secret. */
export type Values = ReadonlyMap<string, Buffer>;

/** Something a container needs is not there (yet): it waits. */
export class MissingReference extends Error {}

/** Reads what Pods refer to, anew each time (but tokens): the kubelet says when it looks again. */
export interface References {
  /** Undefined when it does not exist. Rejects with another error when the server does not answer. */
  configMap(namespace: string, name: string): Promise<Values | undefined>;
  secret(namespace: string, name: string): Promise<Values | undefined>;
  /** The same for the life of a Pod: a new one each time would change the volume it stands in. */
  token(request: TokenRequest): Promise<string>;
  services(namespace: string): Promise<readonly Service[]>;
}

export interface TokenRequest {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly pod: { readonly name: string; readonly uid: string };
  readonly audience?: string;
  readonly expirationSeconds?: number;
}

export interface Service {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly clusterIP?: string;
    readonly ports?: readonly { readonly name?: string; readonly port: number; readonly protocol?: string }[];
  };
}

export function createReferences({ api }: Pick<ApiClient, "api">): References {
  const get = async (path: string): Promise<{ data?: Texts; binaryData?: Texts } | undefined> => {
    const { status, body } = await api("GET", path);
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${body.message ?? body}`);
    return body;
  };
  const tokens = new Map<string, string>();
  return {
    async configMap(namespace, name) {
      const found = await get(`/api/v1/namespaces/${namespace}/configmaps/${name}`);
      if (found === undefined) return undefined;
      return new Map([...decoded(found.data, "utf8"), ...decoded(found.binaryData, "base64")]);
    },
    async secret(namespace, name) {
      const found = await get(`/api/v1/namespaces/${namespace}/secrets/${name}`);
      return found === undefined ? undefined : decoded(found.data, "base64");
    },
    async token({ namespace, serviceAccount, pod, audience, expirationSeconds }) {
      const key = JSON.stringify([pod.uid, serviceAccount, audience]);
      const known = tokens.get(key);
      if (known !== undefined) return known;
      const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`;
      const { status, body } = await api("POST", path, {
        spec: {
          audiences: audience === undefined ? [] : [audience],
          expirationSeconds: expirationSeconds ?? 3600,
          boundObjectRef: { apiVersion: "v1", kind: "Pod", ...pod },
        },
      });
      if (status !== 201) throw new MissingReference(`token of ${serviceAccount}: ${body.message ?? body}`);
      const { token } = body.status;
      tokens.set(key, token);
      return token;
    },
    async services(namespace) {
      const path = `/api/v1/namespaces/${namespace}/services`;
      const { status, body } = await api("GET", path);
      if (status !== 200) throw new Error(`GET ${path}: ${status} ${body.message ?? body}`);
      return body.items;
    },
  };
}

type Texts = { readonly [key: string]: string };

function decoded(texts: Texts | undefined, encoding: "utf8" | "base64"): Map<string, Buffer> {
  return new Map(Object.entries(texts ?? {}).map(([key, text]) => [key, Buffer.from(text, encoding)]));
}
