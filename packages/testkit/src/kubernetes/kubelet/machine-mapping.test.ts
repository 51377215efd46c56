import { expect, test } from "vitest";
import { expanded } from "./environment.ts";
import { onThisMachine } from "./machine-mapping.ts";

const mapping = {
  paths: new Map([
    ["/etc/app", "/tmp/a"],
    ["/etc/app/keys", "/tmp/keys"],
    ["/data", "/tmp/data"],
  ]),
  ports: new Map([[4000, 15_000]]),
};

test.each([
  ["a mount", "/etc/app", "/tmp/a"],
  ["what is in it", "/etc/app/config.yaml", "/tmp/a/config.yaml"],
  ["a mount in a mount", "/etc/app/keys/one", "/tmp/keys/one"],
  ["after a flag's name", "--config=/etc/app/config.yaml", "--config=/tmp/a/config.yaml"],
  ["several", "/etc/app:/data:/usr", "/tmp/a:/tmp/data:/usr"],
  ["another path that begins alike", "/etc/apple", "/etc/apple"],
  ["another path that ends alike", "/mnt/data", "/mnt/data"],
  ["a port", "4000", "15000"],
  ["a flag with a port", "--port=4000", "--port=15000"],
  ["an address", "0.0.0.0:4000", "0.0.0.0:15000"],
  ["a URL of its own", "http://localhost:4000", "http://localhost:15000"],
  [
    "a URL of another",
    "http://gateway.team.svc.cluster.local:4000",
    "http://gateway.team.svc.cluster.local:4000",
  ],
  ["another number", "40000", "40000"],
  ["a number that ends alike", "14000", "14000"],
  ["a number with a unit", "--timeout=4000ms", "--timeout=4000ms"],
  ["nothing of it", "gateway", "gateway"],
])("puts %s in terms of this machine", (_, value, expected) => {
  expect(onThisMachine(value, mapping)).toBe(expected);
});

test.each([
  ["$(A)/x", "1/x"],
  ["$(B)", "$(B)"],
  ["$$(A)", "$(A)"],
  ["$A", "$A"],
])("replaces variables in %s as a kubelet does", (text, expected) => {
  expect(expanded(text, new Map([["A", "1"]]))).toBe(expected);
});
