/** A time that has passed, with two decimals. By whole numbers: that costs a quarter of `toFixed`. */
export function millisecondsText(milliseconds: number): string {
  const all = Math.max(0, Math.round(milliseconds * 100));
  const part = all % 100;
  return `${(all - part) / 100}${part < 10 ? ".0" : "."}${part}`;
}
