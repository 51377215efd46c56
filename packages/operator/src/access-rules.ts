import { type PartAccess, reading } from "./access-rule.ts";
import { langopAccess } from "./langop/langop-access.ts";

/*
 * What the operator may do, as data: `tools/generators/install.ts` makes its Roles of it, and a test holds the requests
 * that it makes on a real API server against it. A controller that needs more adds its rules to those of its dialect, in
 * the commit that needs them, each with its reason: the reasons stand in the install files, where those who review them
 * read.
 */

const runtime: PartAccess = {
  part: "runtime",
  rules: [
    {
      scope: "cluster",
      why: "Kinds are attached when their definition appears, and let go when it goes.",
      groups: ["apiextensions.k8s.io"],
      resources: ["customresourcedefinitions"],
      verbs: reading,
    },
    {
      scope: "own",
      why: "One of several operators acts, the one that holds the Lease. Its name is a flag, so names are not limited.",
      groups: ["coordination.k8s.io"],
      resources: ["leases"],
      verbs: ["get", "create", "update"],
    },
    {
      scope: "watched",
      why: "What happened to a resource is told as Events.",
      groups: ["events.k8s.io"],
      resources: ["events"],
      verbs: ["create", "patch"],
    },
    {
      scope: "default",
      why: "Events about cluster-scoped resources stand in the namespace default: the API server takes them nowhere else.",
      groups: ["events.k8s.io"],
      resources: ["events"],
      verbs: ["create", "patch"],
    },
    {
      scope: "kube-system",
      why: "With --require-network-policy: whether one of the known network plugins runs.",
      groups: ["apps"],
      resources: ["daemonsets"],
      verbs: ["list"],
    },
  ],
};

const admission: PartAccess = {
  part: "admission",
  webhook: true,
  rules: [
    {
      scope: "whole-cluster",
      why: "The authority of the webhook's certificate is written where the API server looks for it.",
      groups: ["admissionregistration.k8s.io"],
      resources: ["validatingwebhookconfigurations"],
      verbs: ["get", "patch"],
      names: ["gatewright-langop"],
    },
    {
      scope: "own",
      why: "The webhook's certificate, shared by the replicas and renewed before it ends.",
      groups: [""],
      resources: ["secrets"],
      verbs: ["get", "patch"],
      names: ["gatewright-webhook-certificate"],
    },
    {
      scope: "own",
      why: "The certificate is created by the replica that comes first. A create cannot be limited to a name.",
      groups: [""],
      resources: ["secrets"],
      verbs: ["create"],
    },
  ],
};

/** Everything that the operator may do, by the part that needs it. */
export const accessRules: readonly PartAccess[] = [runtime, admission, ...langopAccess];
