import { fieldValue, type PodPlace, resourceValue } from "./downward.ts";
import type { Container, Pod, Reference } from "./pod.ts";
import { MissingReference, type References, type Service, type Values } from "./references.ts";

/**
 * The environment of a container as its spec says it, later entries over earlier ones: links to the Services there are,
 * `envFrom`, `env` with `$(NAME)` replaced.
 * @throws MissingReference for a ConfigMap, Secret or key that is not there and not optional.
 */
export async function containerEnvironment(
  pod: Pod,
  container: Container,
  references: References,
  place: PodPlace,
): Promise<Map<string, string>> {
  const { namespace } = pod.metadata;
  const variables = new Map<string, string>();
  if (pod.spec.enableServiceLinks !== false) {
    for (const [name, value] of serviceLinks(await references.services(namespace)))
      variables.set(name, value);
  }
  const values = async (kind: "configMap" | "secret", reference: Reference): Promise<Values | undefined> => {
    const name = reference.name ?? "";
    const found = await references[kind](namespace, name);
    if (found === undefined && reference.optional !== true) {
      throw new MissingReference(`${kind.toLowerCase()} "${name}" not found`);
    }
    return found;
  };
  for (const { prefix = "", configMapRef, secretRef } of container.envFrom ?? []) {
    const found = [
      ...((configMapRef && (await values("configMap", configMapRef))) ?? []),
      ...((secretRef && (await values("secret", secretRef))) ?? []),
    ];
    for (const [key, value] of found) variables.set(prefix + key, value.toString("utf8"));
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (valueFrom === undefined) {
      variables.set(name, expanded(value ?? "", variables));
      continue;
    }
    const { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef } = valueFrom;
    if (fieldRef !== undefined) variables.set(name, fieldValue(pod, fieldRef, place));
    if (resourceFieldRef !== undefined) {
      variables.set(name, resourceValue(pod.spec.containers, resourceFieldRef, container.name));
    }
    const reference = configMapKeyRef ?? secretKeyRef;
    if (reference === undefined) continue;
    const kind = configMapKeyRef === undefined ? "secret" : "configMap";
    const found = (await values(kind, reference))?.get(reference.key);
    if (found !== undefined) variables.set(name, found.toString("utf8"));
    else if (reference.optional !== true) {
      const where = `${kind === "secret" ? "Secret" : "ConfigMap"} ${namespace}/${reference.name}`;
      throw new MissingReference(`couldn't find key ${reference.key} in ${where}`);
    }
  }
  return variables;
}

/** `$(NAME)` becomes the variable's value, `$$(NAME)` stands for itself, and so does what is not known. */
export function expanded(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/\$\$|\$\(([^()]*)\)/g, (found, name: string | undefined) =>
    name === undefined ? "$" : (variables.get(name) ?? found),
  );
}

/** The variables by which every container is told of the Services of its namespace, whether it asked for them or not. */
function* serviceLinks(services: readonly Service[]): Generator<[string, string]> {
  for (const { metadata, spec } of services) {
    const { clusterIP, ports = [] } = spec;
    const [first] = ports;
    if (clusterIP === undefined || clusterIP === "" || clusterIP === "None" || first === undefined) continue;
    const name = metadata.name.toUpperCase().replaceAll("-", "_");
    yield [`${name}_SERVICE_HOST`, clusterIP];
    yield [`${name}_SERVICE_PORT`, String(first.port)];
    for (const { name: port, port: number } of ports) {
      if (port) yield [`${name}_SERVICE_PORT_${port.toUpperCase().replaceAll("-", "_")}`, String(number)];
    }
    const address = (port: number, protocol: string): string =>
      `${protocol.toLowerCase()}://${clusterIP}:${port}`;
    yield [`${name}_PORT`, address(first.port, first.protocol ?? "TCP")];
    for (const { port, protocol = "TCP" } of ports) {
      const prefix = `${name}_PORT_${port}_${protocol}`;
      yield [prefix, address(port, protocol)];
      yield [`${prefix}_PROTO`, protocol.toLowerCase()];
      yield [`${prefix}_PORT`, String(port)];
      yield [`${prefix}_ADDR`, clusterIP];
    }
  }
}
