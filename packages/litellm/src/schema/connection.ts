import { secret, text } from "./leaf.ts";

/**
 * How an upstream is reached and paid for: members of `litellm_params` and of `credential_values`
 * (litellm.md §2.1, §2.5).
 */
export const connectionMembers = {
  api_key: secret("Key of the upstream; else the provider's own environment variable"),
  api_base: text("Base URL of the upstream; else the provider's own"),
  base_url: text("As `api_base`"),
  api_version: text("API version, for providers that have one (Azure)"),
  organization: text("Organization the calls are billed to (OpenAI)"),
  custom_llm_provider: text("Provider, whatever the prefix of the model says"),
  azure_ad_token: secret("Azure: token of Entra ID instead of a key"),
  tenant_id: text("Azure: tenant of the service principal"),
  client_id: text("Azure: id of the service principal"),
  client_secret: secret("Azure: secret of the service principal"),
  azure_username: text("Azure: user name"),
  azure_password: secret("Azure: password"),
  azure_scope: text("Azure: scope tokens are requested for"),
  vertex_project: text("Vertex AI: project"),
  vertex_location: text("Vertex AI: location"),
  vertex_credentials: secret("Vertex AI: path or content of the service account's file"),
  aws_access_key_id: secret("AWS: access key id"),
  aws_secret_access_key: secret("AWS: secret access key"),
  aws_session_token: secret("AWS: session token"),
  aws_region_name: text("AWS: region"),
  aws_role_name: text("AWS: role to assume"),
  aws_session_name: text("AWS: name of the assumed role's session"),
  aws_profile_name: text("AWS: profile of the shared configuration"),
  aws_web_identity_token: secret("AWS: web identity token, or where it is found"),
  aws_sts_endpoint: text("AWS: endpoint of the token service"),
  aws_external_id: text("AWS: external id of the role to assume"),
  aws_bedrock_runtime_endpoint: text("AWS: endpoint of the Bedrock runtime"),
  watsonx_region_name: text("watsonx: region"),
  region_name: text("Region of the deployment, for routing by region (eu, us)"),
};
