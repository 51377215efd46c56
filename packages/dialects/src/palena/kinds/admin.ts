import * as z from "zod";
import { configMapRef } from "./reference.ts";

/** `spec.adminUI`. */
export const adminUi = z
  .strictObject({
    disabled: z.boolean().optional().describe("Serve no admin pages."),
    adminOnly: z.boolean().optional().describe("Let administrators only use the admin pages."),
    storeModelInDB: z.boolean().optional().describe("Keep models that are added there in the database."),
    defaultTeamDisabled: z.boolean().optional().describe("No personal keys: every key belongs to a team."),
    apiDocBaseURL: z.string().optional().describe("Address shown in the API documentation."),
    docsURL: z.string().optional().describe("Path of the API documentation."),
    rootRedirectURL: z.string().optional().describe("Where the root path leads."),
    logoURL: z.string().optional().describe("Logo of the admin pages."),
    emailLogoURL: z.string().optional().describe("Logo of e-mails."),
    emailSupportContact: z.string().optional().describe("Contact named in e-mails."),
    colorThemeConfigMapRef: configMapRef.optional().describe("Colours: key enterprise_colors.json."),
  })
  .describe("The admin pages.");

/** `spec.configSync`. */
export const configSync = z
  .strictObject({
    enabled: z.boolean().describe("Compare the gateway with the resources at intervals."),
    interval: z.string().default("30s").describe("How often, at least every 10 s."),
    unmanagedResourcePolicy: z
      .enum(["preserve", "prune", "adopt"])
      .default("preserve")
      .describe("What becomes of objects that no resource declares."),
    conflictResolution: z
      .enum(["crd-wins", "api-wins", "manual"])
      .default("crd-wins")
      .describe("Which side wins when both differ."),
    auditChanges: z.boolean().optional().describe("Emit an event for every difference."),
  })
  .describe("Comparison of the gateway's state with the resources.");
