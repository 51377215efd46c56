import { Resolver } from "node:dns/promises";
import { expect, test } from "vitest";
import { startNameServer } from "./name-server.ts";

test("Node's resolver takes its answers, with their time to live, and sees them change", async () => {
  await using server = await startNameServer(
    { "github.com": ["192.0.2.1", "192.0.2.2"] },
    { ttlSeconds: 30 },
  );
  const resolver = new Resolver({ timeout: 5_000, tries: 1 });
  resolver.setServers([server.address]);
  expect(await resolver.resolve4("GitHub.com", { ttl: true })).toEqual([
    { address: "192.0.2.1", ttl: 30 },
    { address: "192.0.2.2", ttl: 30 },
  ]);
  await expect(resolver.resolve6("github.com")).rejects.toMatchObject({ code: "ENODATA" });
  await expect(resolver.resolve4("other.test")).rejects.toMatchObject({ code: "ENOTFOUND" });
  server.records = { "other.test": ["198.51.100.7"] };
  expect(await resolver.resolve4("other.test")).toEqual(["198.51.100.7"]);
  await expect(resolver.resolve4("github.com")).rejects.toMatchObject({ code: "ENOTFOUND" });
  expect(server.asked).toEqual(["github.com", "github.com", "other.test", "other.test", "github.com"]);
});
