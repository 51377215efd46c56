import { expect, test } from "vitest";
import { redacted } from "./redact.ts";

test("literals that are secrets go, references and everything else stay", () => {
  const document = {
    model_list: [
      {
        model_name: "a",
        litellm_params: {
          model: "openai/a",
          api_key: "sk-literal",
          api_base: "http://user:hunter2@upstream:8080/v1",
          max_tokens: 100,
          extra_headers: { Authorization: "Bearer sk-header", "x-team": "blue" },
          aws_secret_access_key: "wJalr",
        },
      },
      { model_name: "b", litellm_params: { model: "openai/b", api_key: "os.environ/OPENAI_API_KEY" } },
    ],
    environment_variables: { LANGFUSE_SECRET_KEY: "sk-lf", REGION: "eu" },
    credential_list: [{ credential_name: "c", credential_values: { api_key: "sk-credential" } }],
    general_settings: {
      master_key: "sk-1234",
      database_url: "postgresql://gateway:hunter2@db/litellm",
      litellm_key_header_name: "x-key",
    },
    something_new: { api_token: "t", password: 12345 },
  };
  const text = JSON.stringify(redacted(document));
  for (const secret of [
    "sk-literal",
    "hunter2",
    "sk-header",
    "wJalr",
    "sk-lf",
    "sk-credential",
    "sk-1234",
    '"t"',
    "12345",
  ]) {
    expect(text).not.toContain(secret);
  }
  expect(redacted(document)).toMatchObject({
    model_list: [
      { litellm_params: { model: "openai/a", max_tokens: 100, extra_headers: { "x-team": "blue" } } },
      { litellm_params: { api_key: "os.environ/OPENAI_API_KEY" } },
    ],
    general_settings: { litellm_key_header_name: "x-key" },
  });
});
