import * as z from "zod";

/** LiteLLM parameters that hold a secret: they come from a Secret, never from a manifest (langop.md §1.2). */
export const credentialParameters = [
  "api_key",
  "azure_ad_token",
  "client_secret",
  "azure_password",
  "aws_access_key_id",
  "aws_secret_access_key",
  "aws_session_token",
  "aws_web_identity_token",
  "vertex_credentials",
] as const;

const secretInManifest =
  "a credential must come from apiKeySecretRef or credentialsSecretRef, not from a manifest";

/** Verbatim LiteLLM parameters of one model; keys in lower case, credentials refused. */
export const parameters = z
  .record(z.string(), z.unknown())
  .check((context) => {
    for (const key of Object.keys(context.value)) {
      const message = credentialParameters.some((parameter) => parameter === key)
        ? secretInManifest
        : /^[a-z0-9_]+$/u.test(key)
          ? undefined
          : "names of parameters consist of lower-case letters, digits and _";
      // The value is left out of the issue: it may be the very secret that must not be repeated.
      if (message !== undefined)
        context.issues.push({ code: "custom", path: [key], message, input: undefined });
    }
  })
  .meta({
    "x-kubernetes-preserve-unknown-fields": true,
    // Rules see only properties that are declared: the names that must not be there.
    properties: Object.fromEntries(
      credentialParameters.map((key) => [
        key,
        { type: "string", description: "Refused: a credential comes from a Secret." },
      ]),
    ),
    "x-kubernetes-validations": credentialParameters.map((key) => ({
      rule: `!has(self.${key})`,
      message: `${key}: ${secretInManifest}`,
    })),
  });
