import { expect, test } from "vitest";
import { dialects } from "./dialects.ts";
import { readManifests } from "./manifest.ts";
import { worldOf } from "./world.ts";

const manifests = `
apiVersion: langop.io/v1alpha1
kind: LanguageCluster
metadata: { name: shared }
---
apiVersion: langop.io/v1alpha1
kind: LanguageModel
metadata: { name: a, namespace: alone }
spec: { provider: ollama, modelName: a, endpoint: "http://ollama:11434", fallbacks: [{ modelRef: b }] }
---
apiVersion: langop.io/v1alpha1
kind: LanguageModel
metadata: { name: b, namespace: alone }
spec: { provider: ollama, modelName: b, endpoint: "http://ollama:11434" }
---
apiVersion: runtime.agentic-layer.ai/v1alpha1
kind: AiGateway
metadata: { name: a, namespace: team }
spec: { aiGatewayClassName: litellm, aiModels: [{ provider: openai, name: gpt-4o }] }
---
apiVersion: runtime.agentic-layer.ai/v1alpha1
kind: AiGateway
metadata: { name: b, namespace: team }
spec: { aiGatewayClassName: litellm, aiModels: [{ provider: openai, name: gpt-4o }] }
---
apiVersion: litellm.palena.ai/v1alpha1
kind: LiteLLMInstance
metadata: { name: a, namespace: team }
spec: { masterKey: { autoGenerate: true }, database: { external: { connectionSecretRef: { name: db, key: url } } } }
---
apiVersion: litellm.palena.ai/v1alpha1
kind: LiteLLMInstance
metadata: { name: b, namespace: team }
spec: { masterKey: { autoGenerate: true }, database: { external: { connectionSecretRef: { name: db, key: url } } } }
`;

test.each(dialects)("$name reads one gateway of a world as it reads it among all", (dialect) => {
  const world = worldOf(readManifests([{ path: "all.yaml", text: manifests }]).manifests, {
    secrets: "complete",
  });
  const { gateways } = dialect.read(world, { engine: "native" });
  expect(gateways.length).toBeGreaterThan(1);
  for (const gateway of gateways) {
    const { kind, name, namespace } = gateway.plan.origin;
    const reading = dialect.read(world, {
      engine: "native",
      only: (resource) =>
        resource.kind === kind &&
        resource.metadata.name === name &&
        resource.metadata.namespace === namespace,
    });
    expect(reading.gateways).toEqual([gateway]);
  }
});
