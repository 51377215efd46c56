/** A key of a Secret. */
export interface SecretPlace {
  readonly secret: string;
  readonly key: string;
}

/**
 * The name under which a document refers to a key of a Secret: `<secret>/<key>` with every character outside `A-Za-z0-9`
 * written as `_` and two hexadecimal digits (decisions: secrets), and a digit at the beginning too, so that it is a valid
 * variable name everywhere.
 */
export function secretVariable(place: SecretPlace): string {
  const bytes = new TextEncoder().encode(`${place.secret}/${place.key}`);
  return Array.from(bytes, (byte, index) => {
    const character = String.fromCharCode(byte);
    // No variable begins with a digit, though a Secret's name may.
    return (index === 0 ? /[A-Za-z]/u : /[A-Za-z0-9]/u).test(character)
      ? character
      : `_${byte.toString(16).padStart(2, "0")}`;
  }).join("");
}

/** The key of a Secret that a name stands for; nothing for names that `secretVariable` does not write. */
export function secretPlace(variable: string): SecretPlace | undefined {
  if (!/^(?:[A-Za-z0-9]|_[0-9a-f]{2})+$/u.test(variable)) return undefined;
  const bytes = Array.from(variable.matchAll(/_([0-9a-f]{2})|(.)/gu), ([, hexadecimal, plain]) =>
    hexadecimal === undefined ? (plain ?? "").charCodeAt(0) : Number.parseInt(hexadecimal, 16),
  );
  const text = new TextDecoder().decode(new Uint8Array(bytes));
  const [secret, key, ...rest] = text.split("/");
  if (secret === undefined || key === undefined || rest.length > 0) return undefined;
  // Names become paths of files: nothing may lead out of the folder of the Secret.
  if (!isFileName(secret) || !isFileName(key) || secretVariable({ secret, key }) !== variable)
    return undefined;
  return { secret, key };
}

/** The variable that stands in for a Secret which is not there: its name in capitals (langop.md §3.3). */
export function fallbackVariable(secret: string): string {
  return secret.toUpperCase().replaceAll("-", "_");
}

function isFileName(text: string): boolean {
  return /^[-._A-Za-z0-9]+$/u.test(text) && text !== "." && text !== "..";
}

/** What is found behind a name in a document, for example behind `anthropic_2dcredentials_2fapi_2dkey`. */
export interface SecretFile extends SecretPlace {
  /** Relative to the folder of Secrets: `<secret>/<key>`. The value is the text of the file without white space around it. */
  readonly path: string;
  /** Looked up in the environment when the file is not there. */
  readonly fallbackVariable: string;
}

/** The file behind a name; nothing for names that stand for no key of a Secret, which only a file or variable of that name can have. */
export function secretFile(variable: string): SecretFile | undefined {
  const place = secretPlace(variable);
  if (place === undefined) return undefined;
  return {
    ...place,
    path: `${place.secret}/${place.key}`,
    fallbackVariable: fallbackVariable(place.secret),
  };
}
