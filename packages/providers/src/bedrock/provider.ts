import type { Operation, Place, Provider, Service, Target } from "../provider.ts";
import { bedrockAuthorizer } from "./authorizer.ts";
import { bedrockChatWire } from "./chat-wire.ts";
import { bedrockEmbeddingWire, isEmbeddingModel } from "./embedding-wire.ts";
import { modelAddress, regionOf } from "./model.ts";
import { encodeUri } from "./signature.ts";

/** Amazon Bedrock: chats through Converse and ConverseStream, embeddings through InvokeModel. */
export const bedrock: Provider = {
  name: "bedrock",
  title: "Bedrock",
  baseUrl: "https://bedrock-runtime.{region}.amazonaws.com",
  baseUrlVariables: ["AWS_BEDROCK_RUNTIME_ENDPOINT"],
  keyVariables: ["AWS_BEARER_TOKEN_BEDROCK"],
  keyRequired: false,
  authorization: "signed",
  authorizer: bedrockAuthorizer,
  regionVariables: ["AWS_REGION_NAME", "AWS_REGION", "AWS_DEFAULT_REGION"],
  clientHeaders: ["traceparent", "tracestate"],
  chat: bedrockChatWire,
  embedding: () => bedrockEmbeddingWire,
  service: bedrockService,
  target: bedrockTarget,
};

const chats: ReadonlySet<Operation> = new Set<Operation>(["chat", "completion", "response", "message"]);

function bedrockService(operation: Operation, model: string): Service {
  if (operation === "embedding") {
    if (isEmbeddingModel(model)) return "translated";
    return { refused: `${model} makes no embeddings; amazon.titan-embed-text and cohere.embed models do` };
  }
  return chats.has(operation)
    ? "translated"
    : { refused: "Amazon Bedrock is asked for chats and embeddings only" };
}

/** `<base>/model/<id>/converse`, the id encoded once: its colons and, in ARNs, its slashes. */
function bedrockTarget(operation: Operation, place: Place, stream: boolean): Target {
  const url = new URL(inRegion(place));
  const base = url.pathname.replace(/\/+$/, "");
  const { id } = modelAddress(place.model);
  return {
    origin: url.origin,
    path: `${base}/model/${encodeUri(id)}/${action(operation, stream)}${url.search}`,
  };
}

function action(operation: Operation, stream: boolean): string {
  if (operation === "embedding") return "invoke";
  return stream ? "converse-stream" : "converse";
}

function inRegion(place: Place): string {
  if (!place.baseUrl.includes("{region}")) return place.baseUrl;
  const region = regionOf(place);
  if (region === undefined) {
    throw new Error("there is no AWS region: set aws_region_name or AWS_REGION_NAME");
  }
  return place.baseUrl.replace("{region}", region);
}
