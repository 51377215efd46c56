import * as z from "zod";
import { secretKeyRef } from "./reference.ts";

const keySource = {
  secretRef: secretKeyRef.optional().describe("The key, from a Secret that somebody else keeps."),
  autoGenerate: z
    .boolean()
    .optional()
    .describe("Generate the key once and keep it in a Secret; one that exists is never replaced."),
};

/** `spec.masterKey`. Its two members are both optional: without either, `<name>-master-key` must already exist. */
export const masterKey = z
  .strictObject(keySource)
  .describe("Key of the administrator. Without secretRef: Secret `<name>-master-key`, key `master-key`.");

/** `spec.saltKey`. */
export const saltKey = z
  .strictObject(keySource)
  .describe(
    "Key that encrypts stored credentials; it must never change. Without secretRef: Secret `<name>-salt-key`, key `salt-key`.",
  );
