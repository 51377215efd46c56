import { expect, test } from "vitest";
import { pathText } from "./problem.ts";
import { writtenPath } from "./written-path.ts";

const document = {
  model_list: [{ model_name: "a" }, { litellm_params: { rpm: 1 } }],
  router_settings: { retry: { "gpt-3.5-turbo": { limit: 1 }, "gpt-3": { limit: 2 }, "a[0]": [1] } },
};

test.each([
  ["model_list", 1, "litellm_params", "rpm"],
  ["router_settings", "retry", "gpt-3.5-turbo", "limit"],
  ["router_settings", "retry", "gpt-3", "limit"],
  ["router_settings", "retry", "a[0]", 0],
  [],
])("%j is found again", (...path) => {
  expect(writtenPath(document, pathText(path))).toEqual(path);
});

test.each([
  { text: "model_list[1].litellm_params.absent", want: ["model_list", 1, "litellm_params"] },
  { text: "model_list[0].model_name.deeper", want: ["model_list", 0, "model_name"] },
  { text: "nowhere[3]", want: [] },
])("$text leads as far as the document goes", ({ text, want }) => {
  expect(writtenPath(document, text)).toEqual(want);
});
