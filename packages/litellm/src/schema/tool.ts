import { block, entries } from "./block.ts";
import { dollars, flag, list, numberMap, secret, text, textList, textMap } from "./leaf.ts";

/** `mcp_servers.<name>` (litellm.md §2.5): one MCP server the gateway publishes. */
export const toolSchema = block("An MCP server the gateway publishes", {
  url: text("Address of the server"),
  transport: text("How it is spoken to", { default: "http", values: ["http", "sse", "stdio"] }),
  command: text("stdio: program to start"),
  args: textList("stdio: its arguments"),
  env: textMap("stdio: its environment"),
  spec_path: text("OpenAPI document whose operations become tools"),
  auth_type: text("How the gateway authenticates", {
    default: "none",
    values: ["none", "api_key", "bearer_token", "basic", "authorization", "token", "oauth2", "aws_sigv4"],
  }),
  authentication_token: secret("Secret of that kind"),
  auth_value: secret("As `authentication_token`"),
  client_id: text("OAuth: client id"),
  client_secret: secret("OAuth: client secret"),
  scopes: textList("OAuth: scopes"),
  authorization_url: text("OAuth: where users agree"),
  token_url: text("OAuth: where tokens are fetched"),
  registration_url: text("OAuth: where clients register"),
  oauth2_flow: text("OAuth: who gets the token", { values: ["client_credentials", "authorization_code"] }),
  static_headers: textMap("Headers always sent to the server"),
  extra_headers: textList("Names of client headers copied to the server"),
  allowed_tools: textList("Only these tools"),
  disallowed_tools: textList("Not these tools"),
  allowed_params: list("Only these arguments of tools"),
  alias: text("Prefix of the tools' names, else the server's name"),
  description: text("What it is for"),
  mcp_info: block(
    "How the server is shown and paid for",
    {
      server_name: text("Name shown"),
      description: text("Description shown"),
      logo_url: text("Picture shown"),
      mcp_server_cost_info: block("Prices of tool calls", {
        default_cost_per_query: dollars("Price of a call"),
        tool_name_to_cost_per_query: numberMap("Price of a call, by tool"),
      }).optional(),
    },
    { open: true },
  ).optional(),
  access_groups: textList("Group names usable in object permissions"),
  allow_all_keys: flag("Every key may use it", { default: false }),
  available_on_public_internet: flag("Shown to callers from outside", { default: true }),
  tool_name_to_display_name: textMap("Name shown, by tool"),
  tool_name_to_description: textMap("Description shown, by tool"),
});

/** `mcp_servers`: every MCP server by name. */
export const toolsSchema = entries(toolSchema);
