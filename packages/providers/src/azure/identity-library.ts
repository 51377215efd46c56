/** What is used of Azure's identity library, in a file of its own: it is loaded when the first deployment needs it. */
export { DefaultAzureCredential } from "@azure/identity";
