/** The members that have a value: an object must not hold `undefined`. */
export function given(members: { readonly [name: string]: unknown }): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
