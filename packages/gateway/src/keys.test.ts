import { createHmac } from "node:crypto";
import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { answer, chat, exampleGateways, post, startFakeUpstream, type Values } from "@gatewright/testkit";
import { afterAll, afterEach, describe, expect, it } from "vitest";

const upstream = await startFakeUpstream();
const gateways = exampleGateways(upstream);
const { models, start } = gateways;
afterEach(async () => gateways.end());
afterAll(async () => upstream.close());

describe("keys", () => {
  const document = (): Values => ({
    ...models({ name: "m" }),
    general_settings: { master_key: "os.environ/KEY", litellm_key_header_name: "X-Team-Key" },
  });

  it.each([
    [{ authorization: "Bearer sk-right" }, 200],
    [{ authorization: "bearer sk-right" }, 200],
    [{ "x-api-key": "sk-right" }, 200],
    [{ "api-key": "sk-right" }, 200],
    [{ "x-litellm-api-key": "Bearer sk-right", authorization: "Bearer wrong" }, 200],
    [{ "x-team-key": "sk-right" }, 200],
    [{}, 401],
    [{ authorization: "sk-right" }, 401],
    [{ authorization: "Bearer sk-wrong" }, 401],
    [{ "x-api-key": "" }, 401],
  ] as const)("%j gives %i", async (headers, status) => {
    const { gateway } = await start(document(), { KEY: "sk-right" });
    for (const response of [
      await post(gateway, "/v1/chat/completions", chat("m"), headers),
      await fetch(`${gateway.url}/v1/models`, { headers }),
      await fetch(`${gateway.url}/health`, { headers }),
    ]) {
      expect(response.status).toBe(status);
      if (status === 401) expect((await answer(response)).error.message).toMatch(/^Authentication Error/);
    }
  });

  it("does not run open when the key it names is not set, or empty", async () => {
    await expect(start(document())).rejects.toThrow(
      "general_settings.master_key is os.environ/KEY, which is not set",
    );
    await expect(start(document(), { KEY: "" })).rejects.toThrow("general_settings.master_key is empty");
  });

  it("takes LITELLM_MASTER_KEY, and any key when there is none", async () => {
    const { gateway } = await start(models({ name: "m" }), { LITELLM_MASTER_KEY: "sk-environment" });
    expect((await post(gateway, "/v1/chat/completions", chat("m"))).status).toBe(401);
    const open = await start(models({ name: "m" }));
    expect(
      (await post(open.gateway, "/v1/chat/completions", chat("m"), { authorization: "Bearer team-a/agent" }))
        .status,
    ).toBe(200);
  });

  it("takes a master key from the document's own environment_variables", async () => {
    const { gateway } = await start({
      ...models({ name: "m" }),
      environment_variables: { LITELLM_MASTER_KEY: "sk-document" },
    });
    expect((await post(gateway, "/v1/chat/completions", chat("m"))).status).toBe(401);
    expect(
      (await post(gateway, "/v1/chat/completions", chat("m"), { authorization: "Bearer sk-document" }))
        .status,
    ).toBe(200);
  });

  it("agent keys: their owner is known, the master key is the administrator's, everybody else is refused", async () => {
    const { gateway } = await start(
      { ...models({ name: "m" }), gatewright: { agent_keys: { secret: "os.environ/HMAC" } } },
      { HMAC: "s3cret", LITELLM_MASTER_KEY: "sk-master" },
    );
    const good = "sk-langop-9f8221e3-a8ce-47c0-9e31-4afeb62657df.1361c4bcbc816c4f489be696528d24ed";
    for (const [headers, status] of [
      [{ authorization: `Bearer ${good}` }, 200],
      [{ "x-api-key": good }, 200],
      [{ "api-key": good }, 200],
      [{ authorization: "Bearer sk-master" }, 200],
      [{ authorization: `Bearer ${good.slice(0, -1)}e` }, 401],
      [{ authorization: "Bearer sk-langop-proxy" }, 401],
      [{}, 401],
    ] as const) {
      expect((await post(gateway, "/v1/chat/completions", chat("m"), headers)).status).toBe(status);
      expect((await fetch(`${gateway.url}/v1/models`, { headers })).status).toBe(status);
    }
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
    expect((await fetch(`${gateway.url}/health/readiness`)).status).toBe(200);
  });

  it.each([
    ["is not set", {}, "every request is refused"],
    ["is empty", { HMAC: "" }, "every request is refused"],
    ["is not set", { LITELLM_MASTER_KEY: "sk-master" }, "only the master key is accepted"],
  ] as const)("never runs open when the secret of agent keys %s", async (why, variables, who) => {
    const { gateway } = await start(
      { ...models({ name: "m" }), gatewright: { agent_keys: { secret: "os.environ/HMAC" } } },
      variables,
    );
    // Signed with the empty secret, which everybody knows.
    const forged = `sk-langop-a.${createHmac("sha256", "").update("a").digest("hex").slice(0, 32)}`;
    for (const key of ["sk-any", forged, ""])
      expect(
        (await post(gateway, "/v1/chat/completions", chat("m"), { authorization: `Bearer ${key}` })).status,
      ).toBe(401);
    const master = await post(gateway, "/v1/chat/completions", chat("m"), { "x-api-key": "sk-master" });
    expect(master.status).toBe("LITELLM_MASTER_KEY" in variables ? 200 : 401);
    const { config_warnings: warnings } = (await (await fetch(`${gateway.url}/health/readiness`)).json()) as {
      config_warnings: string[];
    };
    expect(warnings).toEqual([expect.stringContaining(why)]);
    expect(warnings[0]).toContain(who);
  });

  it("takes a new secret of agent keys without a restart, and the old signatures no more", async () => {
    const variables: { HMAC?: string } = {};
    const { gateway } = await start(
      { ...models({ name: "m" }), gatewright: { agent_keys: { secret: "os.environ/HMAC" } } },
      variables,
    );
    const status = async (secret: string): Promise<number> => {
      const key = `sk-langop-a.${createHmac("sha256", secret).update("a").digest("hex").slice(0, 32)}`;
      return (await post(gateway, "/v1/chat/completions", chat("m"), { authorization: `Bearer ${key}` }))
        .status;
    };
    const seen: number[][] = [];
    for (const secret of [undefined, "first", "second", undefined]) {
      if (secret === undefined) delete variables.HMAC;
      else variables.HMAC = secret;
      await gateway.reload();
      seen.push([await status("first"), await status("second")]);
    }
    expect(seen).toEqual([
      [401, 401],
      [200, 401],
      [401, 200],
      [401, 401],
    ]);
  });

  it("keys of the document: their models, their team's, their end", async () => {
    const { gateway } = await start(
      {
        ...models({ name: "gpt-4o" }, { name: "gpt-4o-mini" }),
        gatewright: {
          keys: [
            { key: "os.environ/A", key_alias: "a", models: ["gpt-*-mini"], team_id: "t" },
            { key: "sk-b", key_alias: "b", team_id: "t" },
            { key: "sk-blocked", key_alias: "c", blocked: true },
            { key: "sk-old", key_alias: "d", expires: "2020-01-01T00:00:00Z" },
            { key: "sk-garbled", key_alias: "e", expires: "soon" },
            { key: "os.environ/NOT_SET", key_alias: "f" },
          ],
          teams: [{ team_id: "t", models: ["gpt-4o", "gpt-4o-mini"] }],
        },
      },
      { A: "sk-a" },
    );
    const outcome = async (key: string, model: string): Promise<string> => {
      const response = await post(gateway, "/v1/chat/completions", chat(model), {
        authorization: `Bearer ${key}`,
      });
      return response.status === 200 ? "served" : `${response.status} ${(await answer(response)).error.type}`;
    };
    expect({
      "a, its model": await outcome("sk-a", "gpt-4o-mini"),
      "a, another": await outcome("sk-a", "gpt-4o"),
      "b, the team's": await outcome("sk-b", "gpt-4o"),
      blocked: await outcome("sk-blocked", "gpt-4o"),
      expired: await outcome("sk-old", "gpt-4o"),
      "with an end that cannot be read": await outcome("sk-garbled", "gpt-4o"),
      unknown: await outcome("sk-nobody", "gpt-4o"),
      empty: await outcome("", "gpt-4o"),
    }).toEqual({
      "a, its model": "served",
      "a, another": "403 key_model_access_denied",
      "b, the team's": "served",
      blocked: "401 auth_error",
      expired: "401 expired_key",
      "with an end that cannot be read": "401 expired_key",
      unknown: "401 token_not_found_in_db",
      empty: "401 auth_error",
    });
    const list = await fetch(`${gateway.url}/v1/models`, { headers: { authorization: "Bearer sk-a" } });
    expect(((await list.json()) as { data: { id: string }[] }).data.map(({ id }) => id)).toEqual([
      "gpt-4o-mini",
    ]);
    expect(gateway.snapshot.warnings.join()).toContain("gatewright.keys[5].key (f) is os.environ/NOT_SET");
  });

  it("judges each request on a connection by what it shows itself, whichever header went before", async () => {
    const { gateway } = await start({
      ...models({ name: "m" }),
      general_settings: { litellm_key_header_name: "X-Team-Key" },
      gatewright: { keys: [{ key: "sk-a", key_alias: "a" }] },
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    const status = async (headers: Record<string, string>): Promise<number | undefined> => {
      const sent = request(`${gateway.url}/v1/chat/completions`, { agent, method: "POST", headers });
      sent.end(JSON.stringify(chat("m")));
      const [response] = (await once(sent, "response")) as [IncomingMessage];
      ports.add(sent.socket?.localPort);
      await once(response.resume(), "end");
      return response.statusCode;
    };
    const wrong = { authorization: "Bearer sk-wrong" };
    const right = { authorization: "Bearer sk-a" };
    try {
      for (const [headers, want] of [
        [{ ...wrong, "x-litellm-api-key": "sk-a" }, 200],
        [wrong, 401],
        [{ ...wrong, "x-team-key": "sk-a" }, 200],
        [wrong, 401],
        [right, 200],
        [right, 200],
        [{ ...right, "x-litellm-api-key": "sk-wrong" }, 401],
        [{ ...right, "x-team-key": "sk-wrong" }, 401],
        [{}, 401],
        [right, 200],
      ] as const)
        expect(await status(headers), JSON.stringify(headers)).toBe(want);
      expect(ports.size).toBe(1);
    } finally {
      agent.destroy();
    }
  });

  it("leaves health and metrics open, and never shows a key in them", async () => {
    const { gateway } = await start(document(), { KEY: "sk-right-secret" });
    await post(gateway, "/v1/chat/completions", chat("m"), { authorization: "Bearer sk-somebody-elses" });
    for (const path of ["/health/liveliness", "/health/liveness", "/health/readiness", "/metrics"]) {
      const response = await fetch(`${gateway.url}${path}`);
      expect(response.status).toBe(200);
      expect(await response.text()).not.toMatch(/sk-right-secret|sk-somebody|sk-upstream/);
    }
  });
});
