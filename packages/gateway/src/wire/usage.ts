import { memberNamed } from "./members.ts";

const USAGE = Buffer.from("usage");
const OPEN_OBJECT = 0x7b;

/** JSON text of the `usage` of an answer; undefined when it has none. */
export function usageText(body: Buffer): string | undefined {
  const member = memberNamed(body, USAGE, 0, body.length);
  if (member === undefined || body[member.valueStart] !== OPEN_OBJECT) return undefined;
  return body.toString("utf8", member.valueStart, member.valueEnd);
}
