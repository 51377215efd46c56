import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { agent, master } from "../snapshot/caller.ts";
import { exampleAccounts } from "../snapshot/example-accounts.ts";
import type { KeyCheck } from "../snapshot/key-check.ts";
import { passThroughsOf } from "../snapshot/pass-through.ts";
import { Decisions } from "../telemetry/decisions.ts";
import { exampleExchange } from "../telemetry/example-exchange.ts";
import { Registry } from "../telemetry/registry.ts";
import { createEdge, type EdgeServices } from "./server.ts";

const running: ReturnType<typeof createEdge>[] = [];

afterEach(() => {
  for (const server of running.splice(0)) server.close().closeAllConnections();
});

/** Serves what needs no model; resolves to its base URL. */
async function serve(keyCheck: KeyCheck | undefined, metricsClosed = false): Promise<string> {
  const decisions = new Decisions(10);
  decisions.keep(exampleExchange({ callId: "a", requestId: "mine/1" }), 200);
  decisions.keep(exampleExchange({ callId: "b" }), 200);
  const { passThroughs } = passThroughsOf([], {
    ...{ lookup: () => undefined, missing: new Map(), timeoutMilliseconds: 0 },
  });
  const snapshot = { keyCheck, keyHeader: undefined, passThroughs, telemetry: { metricsClosed } };
  const server = createEdge({
    configuration: { snapshot } as unknown as EdgeServices["configuration"],
    registry: new Registry(),
    decisions,
    draining: () => false,
    callId: () => "",
    serve: () => expect.fail(),
    passThrough: () => expect.fail(),
    crashed: (error) => expect.fail(String(error)),
  });
  running.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const keys: KeyCheck = (key) =>
  key === "sk-master" ? master : key === "sk-agent" ? agent("a", exampleAccounts) : undefined;
const bearer = (key: string): RequestInit => ({ headers: { authorization: `Bearer ${key}` } });

describe("GET /gatewright/requests", () => {
  it("lists the last requests to the master key, newest first, and shows one by either id", async () => {
    const url = `${await serve(keys)}/gatewright/requests`;
    const list = await (await fetch(url, bearer("sk-master"))).json();
    expect(list).toMatchObject({ data: [{ call_id: "b" }, { call_id: "a" }] });
    for (const id of ["a", "mine%2F1"]) {
      const one = await fetch(`${url}/${id}`, bearer("sk-master"));
      expect(await one.json()).toMatchObject({
        call_id: "a",
        request_id: "mine/1",
        caller: { key_alias: "app" },
      });
    }
    expect((await fetch(`${url}/c`, bearer("sk-master"))).status).toBe(404);
  });

  it.each<[why: string, init: RequestInit, status: number]>([
    ["no key", {}, 401],
    ["a stranger's", bearer("sk-other"), 401],
    ["an agent's", bearer("sk-agent"), 403],
  ])("tells nobody else: %s", async (_why, init, status) => {
    const url = await serve(keys);
    for (const path of ["", "/a"])
      expect((await fetch(`${url}/gatewright/requests${path}`, init)).status).toBe(status);
  });

  it("is open on the machine of a gateway without keys, but not to who comes through a proxy", async () => {
    const url = `${await serve(undefined)}/gatewright/requests`;
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url, { headers: { "x-forwarded-for": "1.2.3.4" } })).status).toBe(403);
  });
});

describe("GET /metrics", () => {
  it("is open, unless the document asks for a key", async () => {
    expect((await fetch(`${await serve(keys)}/metrics`)).status).toBe(200);
    const closed = `${await serve(keys, true)}/metrics`;
    expect((await fetch(closed)).status).toBe(401);
    expect((await fetch(closed, bearer("sk-agent"))).status).toBe(200);
  });
});
