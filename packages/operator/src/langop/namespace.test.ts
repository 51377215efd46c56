import { systemNamespaces } from "@gatewright/dialects";
import type { Client } from "@gatewright/reconcile";
import { expect, test } from "vitest";
import { ensureNamespace } from "./namespace.ts";

test.each(systemNamespaces)(
  "a cluster called %s is told so before anything is asked or written",
  async (name) => {
    const cluster = {
      apiVersion: "langop.io/v1alpha1",
      kind: "LanguageCluster",
      metadata: { name, uid: "1" },
    };
    const nobody = {} as Client;
    await expect(ensureNamespace(nobody, cluster, undefined, "test")).rejects.toThrow(
      `The namespace ${name} is Kubernetes' own`,
    );
  },
);
