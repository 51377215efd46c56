import { headerParameters, headerWord } from "./header-parameters.ts";

/** What the header of a form's part says. */
export interface PartHeader {
  readonly name: string;
  /** It has a file name. */
  readonly file: boolean;
}

/**
 * Reads the header of a part (RFC 7578 §4.2): all lines after the delimiter, without the blank one at the end, as Latin-1.
 * Undefined for what readers understand differently: no name or two, names in another notation, folded lines. An upstream
 * must not find another `model` in a form than the gateway did.
 */
export function readPartHeader(text: string): PartHeader | undefined {
  const lines = text.split("\r\n");
  if (lines[0]?.trim() !== "") return undefined;
  let disposition: string | undefined;
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(":");
    if (colon < 1 || !fieldName.test(line.slice(0, colon)) || control.test(line)) return undefined;
    if (line.slice(0, colon).toLowerCase() !== "content-disposition") continue;
    if (disposition !== undefined) return undefined;
    disposition = line.slice(colon + 1);
  }
  if (disposition === undefined || headerWord(disposition) !== "form-data") return undefined;
  const parameters = headerParameters(disposition);
  const name = parameters?.get("name");
  if (parameters === undefined || name === undefined || name.includes("\\") || parameters.has("name*"))
    return undefined;
  return {
    name: Buffer.from(name, "latin1").toString(),
    file: parameters.has("filename") || parameters.has("filename*"),
  };
}

/** No space in it, nor before it: that would be the rest of the line before. */
const fieldName = /^[\w!#$%&'*+.^`|~-]+$/;

const control = /[\0\r\n]/;
