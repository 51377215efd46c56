import { type Member, members } from "./members.ts";

/** What has to change in a request body before it goes upstream. */
export interface BodyEdits {
  /** New value of `model`, as JSON text; undefined leaves the client's. */
  readonly model: string | undefined;
  /** Names of members to take out. */
  readonly remove: readonly string[];
  /** Members to add, as JSON text without the outer braces, for example `"temperature":0.2,"seed":7`. */
  readonly add: string;
}

/**
 * The body with the edits made. The members that stay are copied as the client wrote them, so that large numbers,
 * repeated keys and fields we have never heard of arrive unchanged. `body` must be a JSON object.
 */
export function editBody(body: Buffer, edits: BodyEdits): Buffer {
  if (edits.model === undefined && edits.remove.length === 0) {
    return edits.add === "" ? body : appended(body, edits.add);
  }
  const kept: Buffer[] = [];
  let hasModel = false;
  for (const member of members(body)) {
    const name = keyOf(body, member);
    if (edits.remove.includes(name)) continue;
    if (name === "model" && edits.model !== undefined) {
      hasModel = true;
      kept.push(comma, body.subarray(member.keyStart, member.valueStart), Buffer.from(edits.model));
    } else {
      kept.push(comma, body.subarray(member.keyStart, member.valueEnd));
    }
  }
  if (edits.model !== undefined && !hasModel) kept.push(comma, Buffer.from(`"model":${edits.model}`));
  if (edits.add !== "") kept.push(comma, Buffer.from(edits.add));
  return Buffer.concat([open, ...kept.slice(1), close]);
}

/** Members at the end, without a look at those before. */
function appended(body: Buffer, add: string): Buffer {
  let end = body.length - 1;
  while (end > 0 && body[end] !== 0x7d) end--;
  let last = end - 1;
  while (last > 0 && (body[last] ?? 0) <= 0x20) last--;
  const separator = body[last] === 0x7b ? "" : ",";
  return Buffer.concat([body.subarray(0, end), Buffer.from(`${separator}${add}}`)]);
}

const open = Buffer.from("{");
const close = Buffer.from("}");
const comma = Buffer.from(",");

/** A key may be written with escapes (`"mod\u0065l"`); it must be recognised all the same. */
function keyOf(body: Buffer, member: Member): string {
  const text = body.toString("utf8", member.keyStart, member.keyEnd);
  return text.includes("\\") ? String(JSON.parse(text)) : text.slice(1, -1);
}
