import * as z from "zod";

/** A key of a Secret in the resource's own namespace: the dialect never looks into another one (palena.md §1). */
export const secretKeyRef = z.strictObject({
  name: z.string().min(1).describe("Name of a Secret in the same namespace."),
  key: z.string().min(1).describe("Key inside the Secret."),
});

/** A whole Secret. */
export const secretRef = z.strictObject({
  name: z.string().min(1).describe("Name of a Secret in the same namespace."),
});

/** The gateway that a resource belongs to. */
export const instanceRef = z
  .strictObject({
    name: z.string().min(1).describe("Name of a LiteLLMInstance in the same namespace."),
  })
  .describe("The gateway this resource belongs to.");

/** A reusable provider credential. */
export const credentialRef = z.strictObject({
  name: z.string().min(1).describe("Name of a LiteLLMCredential in the same namespace."),
});

/** A ConfigMap. */
export const configMapRef = z.strictObject({
  name: z.string().min(1).describe("Name of a ConfigMap in the same namespace."),
});

/** A Secret that holds a certificate authority. */
export const caSecretRef = z.strictObject({
  name: z.string().min(1).describe("Name of a Secret in the same namespace."),
  key: z.string().min(1).default("ca.crt").describe("Key that holds the certificates, in PEM."),
});

export type SecretKeyRef = z.output<typeof secretKeyRef>;
