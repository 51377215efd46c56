import { readFile } from "node:fs/promises";

/** The token in a file. Throws when there is none. */
export async function readToken(file: string): Promise<string> {
  const token = (await readFile(file, "utf8")).trim();
  if (token === "") throw new Error(`the token file ${file} is empty`);
  return token;
}
