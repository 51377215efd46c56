/** A JSON object whose members nobody has looked at yet. */
export type Fields = { readonly [field: string]: unknown };
