/** Header values are Latin-1; names may be anything. */
export function headerText(value: string): string {
  return fit.test(value) ? value : encodeURI(value.toWellFormed().replaceAll(/\p{Cc}/gu, " "));
}

const fit = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * A line of a head, with its end. Heads are put together as text, of which much is prepared: see `sendHead`. `value` may be
 * anything; what is known to be fit for a header can be written by hand.
 */
export function headerLine(name: string, value: string | number): string {
  return `${name}: ${headerText(String(value))}\r\n`;
}
