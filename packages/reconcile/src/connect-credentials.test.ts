import { chmod } from "node:fs/promises";
import process from "node:process";
import { type TemporaryFolder, temporaryFolder } from "@gatewright/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findCredentials } from "./connect-credentials.ts";

let folder: TemporaryFolder;

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

/** Writes a kubeconfig file with one user. Returns its path. */
function kubeconfig(
  user: object,
  more: { cluster?: object; namespace?: string; name?: string } = {},
): Promise<string> {
  const { cluster = {}, namespace, name = "main" } = more;
  return folder.write(
    `${name}.yaml`,
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name, cluster: { server: `https://${name}.test:6443`, ...cluster } }],
      users: [{ name: `${name}-user`, user }],
      contexts: [{ name, context: { cluster: name, user: `${name}-user`, namespace } }],
      "current-context": name,
    }),
  );
}

function fromFile(file: string): ReturnType<typeof findCredentials> {
  return findCredentials({ kubeconfig: file, environment: {} });
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

test("a token, the server, its certificate authority and the namespace", async () => {
  const file = await kubeconfig(
    { token: "t" },
    {
      cluster: { "certificate-authority-data": base64("CA"), "tls-server-name": "kubernetes" },
      namespace: "team",
    },
  );
  const credentials = await fromFile(file);
  expect(credentials).toMatchObject({ server: "https://main.test:6443", namespace: "team" });
  const { headers, tls } = await credentials.read();
  expect(headers).toEqual({ authorization: "Bearer t" });
  expect(tls).toEqual({ ca: Buffer.from("CA"), servername: "kubernetes" });
});

test("a token file, relative to the kubeconfig, is read again as it changes", async () => {
  await folder.write("secrets/token", "one\n");
  const credentials = await fromFile(await kubeconfig({ tokenFile: "secrets/token" }));
  expect((await credentials.read()).headers).toEqual({ authorization: "Bearer one" });
  await folder.replace("secrets/token", "two\n");
  expect((await credentials.read()).headers).toEqual({ authorization: "Bearer two" });
  await folder.replace("secrets/token", "");
  await expect(credentials.read()).rejects.toThrow(/token file .*secrets\/token is empty/);
});

test("client certificates from files, which may be replaced", async () => {
  await folder.write("client.crt", "CERT");
  await folder.write("client.key", "KEY");
  const file = await kubeconfig({ "client-certificate": "client.crt", "client-key": "client.key" });
  const credentials = await fromFile(file);
  expect((await credentials.read()).tls).toEqual({ cert: Buffer.from("CERT"), key: Buffer.from("KEY") });
  await folder.replace("client.crt", "CERT 2");
  expect((await credentials.read()).tls.cert).toEqual(Buffer.from("CERT 2"));
});

test("a credential plugin gives tokens and certificates, and is told how it is spoken to", async () => {
  const program = await folder.write(
    "plugin.mjs",
    `#!${process.execPath}
const { apiVersion } = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
const status = { token: process.env.PREFIX + process.argv[2], clientCertificateData: "CERT", clientKeyData: "KEY" };
console.log(JSON.stringify({ apiVersion, kind: "ExecCredential", status }));
`,
  );
  await chmod(program, 0o700);
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: program,
    args: ["7"],
    env: [{ name: "PREFIX", value: "plugin-" }],
  };
  const credentials = await fromFile(await kubeconfig({ exec }));
  const { headers, tls } = await credentials.read();
  expect(headers).toEqual({ authorization: "Bearer plugin-7" });
  expect(tls).toEqual({ cert: "CERT", key: "KEY" });
});

test("a user name with a password, another user to act as, plain HTTP on loopback", async () => {
  const credentials = await fromFile(
    await kubeconfig(
      { username: "a", password: "b", as: "someone" },
      { cluster: { server: "http://127.0.0.1:8001", "proxy-url": "http://proxy.test:3128" } },
    ),
  );
  expect(credentials.proxy).toBe("http://proxy.test:3128");
  expect((await credentials.read()).headers).toEqual({
    authorization: `Basic ${base64("a:b")}`,
    "impersonate-user": "someone",
  });
});

test.each([
  [
    "a file that is not there",
    "/nowhere/kubeconfig",
    /kubeconfig \/nowhere\/kubeconfig cannot be read: ENOENT/,
  ],
  [
    "a context that is not there",
    { "current-context": "x", clusters: [], users: [], contexts: [] },
    /current-context "x"/,
  ],
  ["no YAML", "{", /cannot be read/],
])("%s is told", async (_, content, message) => {
  const file =
    typeof content === "string" && content.startsWith("/")
      ? content
      : await folder.write("broken.yaml", typeof content === "string" ? content : JSON.stringify(content));
  await expect(fromFile(file)).rejects.toThrow(message);
});

test("KUBECONFIG may list several files; the first that names a context wins", async () => {
  const files = [await kubeconfig({ token: "a" }), await kubeconfig({ token: "b" }, { name: "second" })];
  const credentials = await findCredentials({ environment: { KUBECONFIG: files.join(":") } });
  expect(credentials.server).toBe("https://main.test:6443");
  expect((await credentials.read()).headers).toEqual({ authorization: "Bearer a" });
});

test("of several files each may hold a part: the first entry of a name counts", async () => {
  const part = (name: string, content: object) => folder.write(name, JSON.stringify(content));
  const files = [
    await part("contexts", {
      contexts: [{ name: "c", context: { cluster: "k", user: "u" } }],
      "current-context": "c",
    }),
    await part("rest/one", {
      clusters: [{ name: "k", cluster: { server: "https://k.test/", "certificate-authority": "ca" } }],
      users: null,
    }),
    await part("rest/two", {
      clusters: [{ name: "k", cluster: { server: "https://other.test" } }],
      users: [{ name: "u", user: { token: "t" } }],
    }),
  ];
  await folder.write("rest/ca", "CA");
  const credentials = await findCredentials({ environment: { KUBECONFIG: files.join(":") } });
  expect(credentials).toMatchObject({ server: "https://k.test", namespace: "default" });
  expect(await credentials.read()).toEqual({
    headers: { authorization: "Bearer t" },
    tls: { ca: Buffer.from("CA") },
  });
});

test("certificates in the file count before files that it names, and verification may be off", async () => {
  const file = await kubeconfig(
    {
      "client-certificate-data": base64("CERT"),
      "client-certificate": "gone.crt",
      "client-key-data": base64("KEY"),
    },
    { cluster: { "insecure-skip-tls-verify": true } },
  );
  expect((await (await fromFile(file)).read()).tls).toEqual({
    cert: Buffer.from("CERT"),
    key: Buffer.from("KEY"),
    rejectUnauthorized: false,
  });
});

test("in a pod the ServiceAccount is used, and its token read as it is renewed", async () => {
  const environment = {
    KUBERNETES_SERVICE_HOST: "fd00::1",
    KUBERNETES_SERVICE_PORT: "443",
    HOME: folder.path,
  };
  await kubeconfig({ token: "of a person" }, { name: ".kube/config" });
  await folder.write("account/token", "one");
  await folder.write("account/ca.crt", "CA");
  await folder.write("account/namespace", "gatewright-system\n");
  const credentials = await findCredentials({
    environment,
    serviceAccountFolder: `${folder.path}/account`,
  });
  expect(credentials).toMatchObject({ server: "https://[fd00::1]:443", namespace: "gatewright-system" });
  expect(await credentials.read()).toEqual({
    headers: { authorization: "Bearer one" },
    tls: { ca: Buffer.from("CA") },
  });
  await folder.replace("account/token", "two");
  expect((await credentials.read()).headers).toEqual({ authorization: "Bearer two" });
});

test("nowhere to go is told with all ways there are", async () => {
  await expect(findCredentials({ environment: { HOME: folder.path } })).rejects.toThrow(/--kubeconfig FILE/);
  await expect(findCredentials({ environment: {} })).rejects.toThrow(/--kubeconfig FILE/);
});
