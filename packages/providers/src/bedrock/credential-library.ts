/** What is used of the AWS SDK's credentials, in a file of its own: it is loaded when the first deployment needs it. */
export {
  fromIni,
  fromNodeProviderChain,
  fromTemporaryCredentials,
  fromWebToken,
} from "@aws-sdk/credential-providers";
