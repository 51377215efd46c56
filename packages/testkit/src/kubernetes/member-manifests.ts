import { waitFor } from "../wait.ts";
import { type Condition, conditionOf, type LangopStage, type LiveObject } from "./langop-stage.ts";

/** A manifest of a member of a cluster, or of a runtime of its agents. */
export interface MemberManifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: { readonly [name: string]: string };
  };
  readonly spec: { readonly [field: string]: unknown };
}

type Spec = MemberManifest["spec"];
type Annotations = MemberManifest["metadata"]["annotations"];

/** A LanguageAgent whose program is `agentImage`, unless its spec says otherwise. */
export function agentManifest(
  namespace: string,
  name: string,
  spec: Spec = {},
  annotations?: Annotations,
): MemberManifest {
  // Without a volume a new pod need not wait for the old one's end.
  const small = { image: "agent:test", workspace: { enabled: false } };
  return memberManifest("LanguageAgent", { namespace, name, annotations }, { ...small, ...spec });
}

/** A LanguageTool whose server is the program of agents. */
export function toolManifest(namespace: string, name: string, spec: Spec = {}): MemberManifest {
  return memberManifest("LanguageTool", { namespace, name }, { image: "agent:test", ...spec });
}

export function personaManifest(namespace: string, name: string, spec: Spec): MemberManifest {
  return memberManifest("LanguagePersona", { namespace, name }, spec);
}

/** A LanguageAgentRuntime, which is in no namespace. */
export function runtimeManifest(name: string, spec: Spec): MemberManifest {
  return memberManifest("LanguageAgentRuntime", { name }, spec);
}

/** A LanguageModel that the stage's upstream answers, with the key `api-key` of the Secret `keys`. */
export function upstreamModel(
  { upstream }: Pick<LangopStage, "upstream">,
  namespace: string,
  name: string,
  modelName: string,
  more: Spec = {},
): MemberManifest {
  const spec = {
    provider: "openai-compatible",
    modelName,
    endpoint: upstream.url,
    apiKeySecretRef: { name: "keys" },
  };
  return memberManifest("LanguageModel", { namespace, name }, { ...spec, ...more });
}

interface ManifestName {
  readonly name: string;
  readonly namespace?: string;
  readonly annotations?: Annotations | undefined;
}

function memberManifest(kind: string, { annotations, ...of }: ManifestName, spec: Spec): MemberManifest {
  const metadata = { ...of, ...(annotations === undefined ? {} : { annotations }) };
  return { apiVersion: "langop.io/v1alpha1", kind, metadata, spec };
}

/** Whose condition it is. */
export interface MemberName {
  readonly kind: "LanguageAgent" | "LanguageTool" | "LanguagePersona" | "LanguageModel";
  readonly namespace: string;
  readonly name: string;
}

/** A member of a cluster as the API server has it; undefined when there is none. */
export function readMember(
  stage: Pick<LangopStage, "read">,
  { kind, namespace, name }: MemberName,
): Promise<LiveObject> {
  return stage.read(`/apis/langop.io/v1alpha1/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`);
}

/**
 * Waits until a condition of a member speaks of its present generation and has these members; or, with `undefined`,
 * until there is no such condition. The member as it then is.
 */
export function memberCondition(
  stage: Pick<LangopStage, "read">,
  member: MemberName,
  type: string,
  want: Partial<Condition> | undefined,
): Promise<LiveObject> {
  let last: LiveObject;
  return waitFor(
    `${type} of ${member.kind} ${member.namespace}/${member.name}${want === undefined ? " to go" : ""}`,
    async () => {
      last = await readMember(stage, member);
      if (last?.status === undefined || last.status.observedGeneration !== last.metadata.generation) {
        return undefined;
      }
      const condition = conditionOf(last, type);
      if (want === undefined) return condition === undefined ? last : undefined;
      return Object.entries(want).every(([name, value]) => condition?.[name] === value) ? last : undefined;
    },
    { capMilliseconds: 60_000, detail: () => JSON.stringify(last?.status) },
  );
}
