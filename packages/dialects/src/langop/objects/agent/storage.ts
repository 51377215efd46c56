import {
  configMap,
  type KubernetesObject,
  metadata,
  ownedBy,
  persistentVolumeClaim,
} from "@gatewright/kubernetes";
import { compareText, type Finding } from "@gatewright/plan";
import type { Installation } from "../../../installation.ts";
import type { Agent } from "../../read/agent.ts";
import { fieldFinding } from "../../read/entry.ts";
import { memberSelector, owned } from "../label.ts";
import { ownContainer } from "../member-pod.ts";
import type { Piece } from "../piece.ts";
import type { Mount } from "../volume.ts";

/** Name of the claim of an agent's workspace (langop.md §2.4). */
export function workspaceName(agent: string): string {
  return `${agent}-workspace`;
}

/** The workspace of an agent: its claim, and how its pods see and fill it. */
export interface Workspace extends Piece {
  readonly mounts: readonly Mount[];
  /** Volumes with the files that are written at first, and the container that writes them. */
  readonly volumes: readonly object[];
  readonly initContainers: readonly object[];
}

const none: Workspace = { objects: [], findings: [], mounts: [], volumes: [], initContainers: [] };

/**
 * The claim `<agent>-workspace` (langop.md §2.4). One that is to be retained has no owner, so that it stays when the
 * agent goes.
 */
export function agentWorkspace(agent: Agent, installation: Installation): Workspace {
  const { name, namespace, resource, spec } = agent;
  const { workspace } = spec;
  if (!workspace.enabled) return none;
  const labels = owned(memberSelector("LanguageAgent", name, namespace));
  const claim = persistentVolumeClaim(
    metadata({
      name: workspaceName(name),
      namespace,
      labels,
      ownerReferences: workspace.retain === true ? [] : ownedBy(resource),
    }),
    {
      accessMode: workspace.accessMode,
      size: String(workspace.size),
      storageClassName: workspace.storageClassName || installation.agentStorageClassName,
    },
  );
  const mounts: readonly Mount[] = [
    {
      name: "workspace",
      path: workspace.mountPath,
      source: { persistentVolumeClaim: { claimName: workspaceName(name) } },
      writable: true,
    },
  ];
  const seed = workspaceSeed(agent, installation);
  return { ...seed, objects: [claim, ...seed.objects], mounts };
}

const seedFolder = "/etc/agent-seed";

/**
 * Files that a workspace has at first. A container of our own image copies those that are not there yet: the agent's
 * image need have no shell.
 */
function workspaceSeed(agent: Agent, installation: Installation): Omit<Workspace, "mounts"> {
  const { name, namespace, resource, spec } = agent;
  const { initialFiles = {}, seedConfigMapRef, mountPath } = spec.workspace;
  const findings: Finding[] = [];
  const files = Object.entries(initialFiles)
    .filter(([path]) => {
      if (isInside(path)) return true;
      const text = `names a file outside of the workspace, "${path}", which is not written.`;
      findings.push(fieldFinding(resource, "spec.workspace.initialFiles", "FileOutside", "dropped", text));
      return false;
    })
    .sort(([a], [b]) => compareText(a, b));
  const sources: object[] = [];
  const objects: KubernetesObject[] = [];
  if (files.length > 0) {
    const of = metadata({
      name: `${name}-seed`,
      namespace,
      labels: owned(memberSelector("LanguageAgent", name, namespace)),
      ownerReferences: ownedBy(resource),
    });
    // Keys of a ConfigMap have no slashes, so paths are those of the volume.
    objects.push(configMap(of, Object.fromEntries(files.map(([, text], index) => [`file-${index}`, text]))));
    const items = files.map(([path], index) => ({ key: `file-${index}`, path }));
    sources.push({ configMap: { name: `${name}-seed`, items } });
  }
  if (seedConfigMapRef !== undefined) {
    sources.push({ configMap: { name: seedConfigMapRef.name, optional: true } });
  }
  if (sources.length === 0) return { ...none, findings };
  const seeded = ownContainer(installation, {
    name: "workspace-seed",
    args: ["seed", ...sources.map((_, index) => `${seedFolder}/${index}`), mountPath],
    volumeMounts: [
      ...sources.map((_, index) => ({
        name: `seed-${index}`,
        mountPath: `${seedFolder}/${index}`,
        readOnly: true,
      })),
      { name: "workspace", mountPath },
    ],
  });
  return {
    objects,
    findings,
    volumes: sources.map((source, index) => ({ name: `seed-${index}`, ...source })),
    initContainers: [seeded],
  };
}

function isInside(path: string): boolean {
  return (
    path !== "" && !path.startsWith("/") && path.split("/").every((step) => step !== ".." && step !== "")
  );
}
