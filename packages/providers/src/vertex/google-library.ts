/** What is used of Google's library, in a file of its own: it is loaded when the first deployment needs it. */
export {
  AwsClient,
  Compute,
  ExternalAccountAuthorizedUserClient,
  gaxios,
  gcpMetadata,
  IdentityPoolClient,
  PluggableAuthClient,
} from "google-auth-library";
