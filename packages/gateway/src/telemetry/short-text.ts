/** Texts that a client chose are kept and shown up to this many characters. */
const CHARACTERS = 200;

/**
 * A client's text, cut short if need be. What is cut is copied: V8 would keep the whole text, which may be megabytes,
 * alive behind its first characters.
 */
export function shortText(text: string): string {
  return text.length <= CHARACTERS ? text : Buffer.from(text.slice(0, CHARACTERS)).toString();
}
