/** Header values are Latin-1; names may be anything. */
export function headerText(value: string): string {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value)
    ? value
    : encodeURI(value.toWellFormed().replaceAll(/\p{Cc}/gu, " "));
}
