import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type TemporaryFolder, temporaryFolder } from "../temporary-folder.ts";
import { findKubernetesPrograms } from "./programs.ts";

/** Stands for `go build … -o FILE .`: notes that it ran, takes its time, and writes what it was told to. */
const compiler = `#!/bin/sh
echo "$CGO_ENABLED $*" >> "$(dirname "$0")/runs"
sleep 0.3
while [ $# -gt 1 ]; do [ "$1" = -o ] && file=$2; shift; done
echo program > "$file"
`;

async function machine(
  go: string | undefined,
): Promise<TemporaryFolder & { readonly environment: NodeJS.ProcessEnv }> {
  const folder = await temporaryFolder({ "cache/empty": "" });
  if (go !== undefined) {
    await chmod(await folder.write("bin/go", go), 0o755);
  }
  const PATH = `${join(folder.path, "bin")}:/usr/bin:/bin`;
  return { ...folder, environment: { PATH, XDG_CACHE_HOME: join(folder.path, "cache") } };
}

describe("the Kubernetes programs", () => {
  test("come from KUBEBUILDER_ASSETS first", async () => {
    await using folder = await temporaryFolder({ etcd: "", "kube-apiserver": "", kubectl: "" });
    const { programs } = await findKubernetesPrograms({ environment: { KUBEBUILDER_ASSETS: folder.path } });
    expect(programs).toEqual({
      etcd: join(folder.path, "etcd"),
      kubeApiserver: join(folder.path, "kube-apiserver"),
      kubectl: join(folder.path, "kubectl"),
    });
  });

  test("are not looked for elsewhere when KUBEBUILDER_ASSETS is wrong", async () => {
    await using folder = await temporaryFolder({ etcd: "" });
    const found = findKubernetesPrograms({ environment: { KUBEBUILDER_ASSETS: folder.path } });
    await expect(found).rejects.toThrow(/KUBEBUILDER_ASSETS: .* has no kube-apiserver/);
  });

  test("are built once, however many ask at the same time, and found from then on", async () => {
    await using own = await machine(compiler);
    const { environment } = own;
    const found = await Promise.all([1, 2, 3].map(() => findKubernetesPrograms({ environment })));
    const { programs } = await findKubernetesPrograms({ environment: { ...environment, PATH: "" } });
    expect(found).toEqual(found.map(() => ({ programs })));
    expect(programs?.kubeControllerManager).toMatch(/\/gatewright\/kubernetes\/v1\.\d+\.\d+-[0-9a-f]{12}\//);
    expect(await readFile(programs?.kubectl ?? "", "utf8")).toBe("program\n");
    const runs = (await readFile(join(own.path, "bin/runs"), "utf8")).trimEnd().split("\n");
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatch(/^0 build .*-tags providerless .*version\.gitVersion=v1\./);
  });

  test("are built by the next one when a builder was killed", async () => {
    await using own = await machine(compiler);
    const { environment } = own;
    const first = await findKubernetesPrograms({ environment });
    const folder = join(first.programs?.kubectl ?? "", "..");
    await rm(join(folder, "kubectl"));
    // No process has this id: it is above what the system gives.
    await writeFile(join(folder, "building"), "99999999");
    expect(await findKubernetesPrograms({ environment })).toEqual(first);
  });

  test("that cannot be built are told with the compiler's words", async () => {
    await using own = await machine("#!/bin/sh\necho 'no such module' >&2\nexit 1\n");
    await expect(findKubernetesPrograms({ environment: own.environment })).rejects.toThrow(
      /go build .* failed \(1\):\nno such module/,
    );
  });

  test("that are nowhere are told with what to do", async () => {
    await using own = await machine(undefined);
    const environment = { ...own.environment, PATH: join(own.path, "bin") };
    const found = await findKubernetesPrograms({ environment });
    expect(found).toMatchObject({
      programs: undefined,
      reason: expect.stringMatching(/no `go` on PATH.*Install Go/),
    });
  });
});
