const label = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
const dnsLabel = new RegExp(`^${label}$`, "u");
const dnsName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/u;

/** Whether a namespace, container or volume may be called so: a DNS label (RFC 1123) of at most 63 characters. */
export function isDnsLabel(name: string): boolean {
  return dnsLabel.test(name);
}

/** Whether most objects (Secrets, ServiceAccounts, classes) may be called so: a DNS name of at most 253 characters. */
export function isDnsName(name: string): boolean {
  return name.length <= 253 && dnsName.test(name);
}

/** Whether a Secret or ConfigMap may have such a key. */
export function isDataKey(key: string): boolean {
  return key.length <= 253 && /^[-._a-zA-Z0-9]+$/u.test(key) && key !== "." && !key.startsWith("..");
}

/** Whether an environment variable may be called so: printable ASCII without an equals sign. */
export function isVariableName(name: string): boolean {
  return /^[\x20-\x3C\x3E-\x7E]+$/u.test(name);
}
