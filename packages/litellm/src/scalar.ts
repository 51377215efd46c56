/** How a string is spelled in YAML. */
export type ScalarStyle = "plain" | "single-quoted" | "double-quoted" | "literal";

const largestControl = 0x9f;
const surrogates = { first: 0xd800, last: 0xdfff };
const namedEscapes: { readonly [character: string]: string } = {
  '"': '\\"',
  "\\": "\\\\",
  "\0": "\\0",
  "\x07": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\x1b": "\\e",
  "\x85": "\\N",
  "\u2028": "\\L",
  "\u2029": "\\P",
};

/**
 * Plain words that a reader of YAML 1.1 (LiteLLM's) or of YAML 1.2 takes for something that is not a string:
 * null, booleans, numbers in every base and with underscores, base 60, dates, the merge key and the default value.
 */
const otherwiseRead: readonly RegExp[] = [
  /^(?:~|null|Null|NULL|<<|=)?$/,
  /^(?:y|Y|n|N|yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  /^[-+]?0[xX][0-9a-fA-F_]+$/,
  /^[-+]?0[bBoO][0-7_]+$/,
  /^[-+]?(?:[0-9][0-9_]*|(?:[0-9][0-9_]*)?\.[0-9_]*)$/,
  /^[-+]?(?:[0-9][0-9_]*)?(?:\.[0-9_]*)?[eE][-+]?[0-9]+$/,
  /^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$/,
  /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/,
  /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}.*)?$/,
];

/** The style a string value gets: the plainest one that every reader takes for the same string. */
export function styleOf(text: string): ScalarStyle {
  if (text.includes("\n")) return isLiteral(text) ? "literal" : "double-quoted";
  if (otherwiseRead.some((form) => form.test(text))) return "double-quoted";
  if (hasSpecialCharacter(text)) return "double-quoted";
  return isPlain(text) ? "plain" : "single-quoted";
}

/** A string on one line, as a value or a key. */
export function inlineText(text: string): string {
  switch (styleOf(text)) {
    case "plain":
      return text;
    case "single-quoted":
      return `'${text.replaceAll("'", "''")}'`;
    default:
      return `"${Array.from(text, escaped).join("")}"`;
  }
}

/**
 * A number. One with an exponent gets a point and a signed exponent: readers of YAML 1.1 take `1e-7` for a string,
 * and a price would be lost.
 */
export function numberText(value: number): string {
  const text = String(value);
  return text.includes("e") && !text.includes(".") ? text.replace("e", ".0e") : text;
}

/** True when a block style can hold the text: printable lines without blanks at their ends or at the beginning. */
function isLiteral(text: string): boolean {
  return !hasSpecialCharacter(text.replaceAll("\n", "")) && !/^[ \n]| \n| $/.test(text);
}

/** True when no character of the text means something to YAML where it stands. */
function isPlain(text: string): boolean {
  return (
    !/^[,[\]{}#&*!|>'"%@`]|^[-?:](?: |$)|^---|^\.\.\./.test(text) &&
    !/: |:$| #/.test(text) &&
    !text.startsWith(" ") &&
    !text.endsWith(" ")
  );
}

function hasSpecialCharacter(text: string): boolean {
  for (const character of text) {
    if (isSpecial(character)) return true;
  }
  return false;
}

function escaped(character: string): string {
  const named = namedEscapes[character];
  if (named !== undefined) return named;
  if (!isSpecial(character)) return character;
  const code = codeOf(character);
  const digits = code > 0xffff ? 8 : code > 0xff ? 4 : 2;
  const letter = digits === 8 ? "U" : digits === 4 ? "u" : "x";
  return `\\${letter}${code.toString(16).toUpperCase().padStart(digits, "0")}`;
}

/** Control characters, the other line breaks, lone surrogates, non-characters and everything beyond the first plane. */
function isSpecial(character: string): boolean {
  const code = codeOf(character);
  return (
    code < 0x20 ||
    (code > 0x7e && code <= largestControl) ||
    code === 0x2028 ||
    code === 0x2029 ||
    (code >= surrogates.first && code <= surrogates.last) ||
    code === 0xfeff ||
    code > 0xfffd
  );
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
