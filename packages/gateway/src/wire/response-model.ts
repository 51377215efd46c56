import { equals, memberNamed } from "./members.ts";

const MODEL = Buffer.from("model");

/**
 * `body` (a JSON object) with its `model` written as `wanted`, the JSON text of the name the client asked for
 * (litellm.md §3.8). The same buffer when there is nothing to change.
 */
export function renameModel(body: Buffer, wanted: Buffer): Buffer {
  const member = memberNamed(body, MODEL, 0, body.length);
  if (member === undefined || equals(body, member.valueStart, member.valueEnd, wanted)) return body;
  return Buffer.concat([body.subarray(0, member.valueStart), wanted, body.subarray(member.valueEnd)]);
}
