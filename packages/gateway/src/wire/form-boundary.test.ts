import { expect, it } from "vitest";
import { formBoundary } from "./form-boundary.ts";

it.each([
  ["multipart/form-data; boundary=abc", "abc"],
  ['Multipart/Form-Data ; charset=utf-8; Boundary="a b:c"', "a b:c"],
  [
    "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
    "----WebKitFormBoundary7MA4YWxkTrZu0gW",
  ],
  ["multipart/form-data; boundary=abc;", "abc"],
  ["multipart/form-data", undefined],
  ["multipart/form-data; boundary=", undefined],
  ['multipart/form-data; boundary=""', undefined],
  ["multipart/form-data; boundary=a; boundary=b", undefined],
  [`multipart/form-data; boundary=${"a".repeat(71)}`, undefined],
  ['multipart/form-data; boundary="a "', undefined],
  ["multipart/mixed; boundary=abc", undefined],
  ["application/json", undefined],
  [undefined, undefined],
])("reads %s", (contentType, boundary) => {
  expect(formBoundary(contentType)).toBe(boundary);
});
