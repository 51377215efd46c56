/*
 * What reading a kubeconfig file takes, in a file of its own that is loaded only then: imported by name, so that the
 * bundle holds what is used of the library (2 MB) and not all of it (16 MB).
 */
export { KubeConfig } from "@kubernetes/client-node";
export { parse } from "yaml";
