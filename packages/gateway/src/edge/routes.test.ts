import { describe, expect, it } from "vitest";
import { methodsOf, routeOf } from "./routes.ts";

const cases: readonly { readonly target: string; readonly why: string; readonly want: object | undefined }[] =
  [
    {
      target: "/v1/chat/completions",
      why: "the OpenAI path",
      want: { kind: "operation", operation: "chat", path: "/v1/chat/completions" },
    },
    {
      target: "/chat/completions?x=1",
      why: "agents use a base without /v1, queries do not matter",
      want: { operation: "chat", path: "/chat/completions" },
    },
    { target: "/v1/completions", why: "not to be taken for chat", want: { operation: "completion" } },
    { target: "/embeddings", why: "each path also without /v1", want: { operation: "embedding" } },
    {
      target: "/openai/deployments/gpt-4/chat/completions?api-version=1",
      why: "Azure clients name the model in the path",
      want: { operation: "chat", model: "gpt-4", path: "/openai/deployments/{model}/chat/completions" },
    },
    {
      target: "/openai/deployments/openai%2Fgpt-4/embeddings",
      why: "an encoded slash in a name",
      want: { operation: "embedding", model: "openai/gpt-4" },
    },
    {
      target: "/openai/deployments/openai/gpt-4/completions",
      why: "a plain slash in a name",
      want: { operation: "completion", model: "openai/gpt-4" },
    },
    { target: "/openai/deployments//completions", why: "no model", want: undefined },
    {
      target: "/engines/m/completions",
      why: "the oldest form",
      want: { operation: "completion", model: "m" },
    },
    { target: "/v1/models", why: "list", want: { kind: "models" } },
    {
      target: "/models/openai/gpt-4o",
      why: "one model with a slash",
      want: { kind: "model", model: "openai/gpt-4o" },
    },
    { target: "/v1/models/%E0%A4%A", why: "a broken escape is no model", want: undefined },
    { target: "/metrics/", why: "where LiteLLM redirects to", want: { kind: "metrics" } },
    { target: "/gatewright/requests", why: "the last decisions", want: { kind: "decisions" } },
    {
      target: "/gatewright/requests/my%2Fown-id",
      why: "a client's own id of a request",
      want: { kind: "decision", id: "my/own-id", path: "/gatewright/requests/{id}" },
    },
    { target: "/gatewright/requests/", why: "no id", want: undefined },
    { target: "/v1/chat/completions/", why: "not a path LiteLLM knows", want: undefined },
    {
      target: "//evil.example/v1/models",
      why: "a host in the request target is not a path",
      want: undefined,
    },
    {
      target: "http://evil.example/v1/models",
      why: "the absolute form is for proxies that forward",
      want: undefined,
    },
  ];

describe("routeOf", () => {
  it.each(cases)("$target: $why", ({ target, want }) => {
    if (want === undefined) expect(routeOf(target)).toBeUndefined();
    else expect(routeOf(target)).toMatchObject(want);
  });

  it("takes POST for models' work and GET for everything else", () => {
    expect(methodsOf({ kind: "operation", operation: "chat", path: "/x" })).toEqual(["POST"]);
    expect(methodsOf({ kind: "models", path: "/models" })).not.toContain("POST");
  });
});
