import * as z from "zod";

/*
 * Patterns and no rules in CEL: the API server estimates what a rule costs in a list before it admits the definition, and
 * these would cost more than a definition may.
 */

/** The name of another object of the namespace, as agents refer to them (langop.md §2.1). */
export const memberName = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, {
  error: 'it must be the name of an object: lower-case letters, digits, "-" and "."',
});

/**
 * The image of a container: `registry.example/team/agent:1.0`, with a tag, a digest, both or neither (langop.md §2.1:
 * "an image-reference pattern").
 */
export const imageReference = z
  .string()
  .regex(
    /^[a-zA-Z0-9]([-a-zA-Z0-9._:]*[a-zA-Z0-9])?(\/[a-zA-Z0-9]([-a-zA-Z0-9._]*[a-zA-Z0-9])?)*(:[a-zA-Z0-9_][-a-zA-Z0-9._]{0,127})?(@sha256:[a-f0-9]{64})?$/,
    { error: "it must be an image, for example ghcr.io/example/agent:1.0" },
  );
