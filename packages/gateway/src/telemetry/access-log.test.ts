import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Exchange } from "../exchange.ts";
import { agent, anonymous, type Caller } from "../snapshot/caller.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { accessLog } from "./access-log.ts";

/** The line that an exchange leaves, read back. */
function line(model: string, caller: Caller = anonymous): Record<string, unknown> {
  const request = { headers: {}, socket: { remoteAddress: "::ffff:127.0.0.1" } };
  const exchange = new Exchange(
    request as never,
    {} as never,
    {} as Snapshot,
    "chat",
    "/v1/chat/completions",
    undefined,
    "call-1",
  );
  exchange.model = model;
  exchange.caller = caller;
  let written = "";
  const nothing = (): void => {};
  accessLog({
    debug: nothing,
    info: nothing,
    warn: nothing,
    error: nothing,
    child: () => expect.fail(),
    request: (members) => (written = members),
  }).write(exchange, 400);
  return JSON.parse(`{${written}}`);
}

describe("accessLog", () => {
  it("writes JSON whatever a client calls a model", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 199 }), (model) => {
        expect(line(model)["model"]).toBe(JSON.parse(JSON.stringify(model)));
      }),
    );
  });

  it("tells what happened, and no more of a name than 200 characters", () => {
    expect(line("m".repeat(500))).toMatchObject({
      call_id: "call-1",
      request_id: "call-1",
      route: "/v1/chat/completions",
      status: 400,
      model: "m".repeat(200),
      stream: false,
      upstream_ms: 0,
      caller: "anonymous",
      user: "",
      error: "",
    });
  });

  it("names the agent, whatever its id looks like", () => {
    expect(line("m", agent('9f8221e3"\n'))).toMatchObject({ caller: "agent", user: '9f8221e3"\n' });
  });
});
