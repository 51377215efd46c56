import { freePort } from "@gatewright/testkit";
import { expect, test } from "vitest";
import { run } from "./bundle.ts";

/* How long any of this takes is the bench's to say. */

test("the bundle starts and answers", async () => {
  const port = await freePort();
  await using up = run(["up", "examples/quickstart", "--port", String(port)], {
    environment: { LITELLM_MASTER_KEY: "sk-cold" },
  });
  await up.line(/base URL/);
  const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: "Bearer sk-cold" },
    body: JSON.stringify({ model: "hello", messages: [{ role: "user", content: "hi" }] }),
  });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ model: "hello", object: "chat.completion" });
  expect(await up.stop()).toEqual({ code: 0, signal: null });
});

test("input that cannot be served ends it with 2, and says where and why", async () => {
  await using nothing = run(["gateway", "--config", "there-is-no-such-file.yaml"]);
  expect(await nothing.exited).toEqual({ code: 2, signal: null });
  expect(nothing.stderr).toContain("there-is-no-such-file.yaml");
  expect(nothing.stderr).not.toMatch(/\n\s+at /);
});
