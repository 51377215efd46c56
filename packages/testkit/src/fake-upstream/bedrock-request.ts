import type { ChatCall, ChatOptions, FunctionTool, Message, Part, Source } from "@gatewright/call";
import type { Fields } from "./wire.ts";

/** The parts of a call that a Converse request says. */
export type BedrockRequest = Pick<
  ChatCall,
  "messages" | "tools" | "toolChoice" | "format" | "reasoning" | "options" | "extra"
>;

/** A request, as far as it is read here. */
interface Request {
  readonly system?: readonly Block[];
  readonly messages?: readonly { readonly role: "user" | "assistant"; readonly content: readonly Block[] }[];
  readonly toolConfig?: {
    readonly tools: readonly ToolBlock[];
    readonly toolChoice?: { readonly any?: object; readonly tool?: { readonly name: string } };
  };
  readonly inferenceConfig?: {
    readonly maxTokens?: number;
    readonly temperature?: number;
    readonly topP?: number;
    readonly stopSequences?: readonly string[];
  };
  readonly outputConfig?: {
    readonly textFormat?: { readonly structure: { readonly jsonSchema: JsonSchema } };
  };
  readonly additionalModelRequestFields?: {
    readonly thinking?: { readonly budget_tokens: number };
    readonly top_k?: number;
  };
  readonly serviceTier?: { readonly type: string };
}

interface JsonSchema {
  readonly name: string;
  readonly description?: string;
  readonly schema: string;
}

interface CachePoint {
  readonly ttl?: string;
}

interface ToolBlock {
  readonly cachePoint?: CachePoint;
  readonly toolSpec?: {
    readonly name: string;
    readonly description?: string;
    readonly inputSchema: { readonly json: Fields };
    readonly strict?: boolean;
  };
}

interface Media {
  readonly format: string;
  readonly source: { readonly bytes: string };
}

interface Document {
  readonly format: string;
  readonly name: string;
  readonly source: { readonly bytes: string } | { readonly text: string };
  readonly context?: string;
  readonly citations?: { readonly enabled: boolean };
}

interface Block {
  readonly text?: string;
  readonly image?: Media;
  readonly audio?: Media;
  readonly document?: Document;
  readonly toolUse?: { readonly toolUseId: string; readonly name: string; readonly input: object };
  readonly toolResult?: {
    readonly toolUseId: string;
    readonly content: readonly Block[];
    readonly status?: string;
  };
  readonly reasoningContent?: {
    readonly redactedContent?: string;
    readonly reasoningText?: { readonly text: string; readonly signature: string };
  };
  readonly cachePoint?: CachePoint;
}

/** Reads a request of Converse as its API reference says, and Claude's own fields as Anthropic's does. */
export function readBedrockRequest(fields: Fields): BedrockRequest {
  const request = fields as Request;
  const { additionalModelRequestFields: own, messages = [], outputConfig, system = [], toolConfig } = request;
  const choice = toolConfig?.toolChoice;
  const format = outputConfig?.textFormat?.structure.jsonSchema;
  return {
    messages: [
      ...withMarks(system).map((part): Message => ({ role: "system", parts: [part] })),
      ...messages.map(({ content, role }): Message => ({ role, parts: withMarks(content) })),
    ],
    tools: toolsOf(toolConfig?.tools ?? []),
    ...(choice === undefined ? {} : { toolChoice: choiceOf(choice) }),
    ...(format === undefined ? {} : { format: formatOf(format) }),
    ...(own?.thinking === undefined
      ? {}
      : { reasoning: { enabled: true, budgetTokens: own.thinking.budget_tokens } }),
    options: optionsOf(request),
    extra: Object.fromEntries(
      ["guardrailConfig", "performanceConfig", "requestMetadata"].flatMap((name) =>
        name in fields ? [[name, fields[name]]] : [],
      ),
    ),
  };
}

function optionsOf({
  additionalModelRequestFields: own,
  inferenceConfig = {},
  serviceTier,
}: Request): ChatOptions {
  const { maxTokens, stopSequences, temperature, topP } = inferenceConfig;
  return {
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(stopSequences === undefined ? {} : { stop: stopSequences }),
    ...(own?.top_k === undefined ? {} : { top_k: own.top_k }),
    ...(serviceTier === undefined ? {} : { service_tier: serviceTier.type }),
  };
}

function choiceOf({
  any,
  tool,
}: NonNullable<NonNullable<Request["toolConfig"]>["toolChoice"]>): NonNullable<ChatCall["toolChoice"]> {
  if (tool !== undefined) return { kind: "tool", name: tool.name };
  return { kind: any === undefined ? "auto" : "required" };
}

function formatOf({ description, name, schema }: JsonSchema): NonNullable<ChatCall["format"]> {
  return {
    kind: "schema",
    name,
    ...(description === undefined ? {} : { description }),
    schema: JSON.parse(schema) as Fields,
    strict: true,
  };
}

function toolsOf(blocks: readonly ToolBlock[]): readonly FunctionTool[] {
  const tools: FunctionTool[] = [];
  for (const { cachePoint, toolSpec } of blocks) {
    const last = tools.at(-1);
    if (toolSpec !== undefined) {
      const { description, inputSchema, name, strict } = toolSpec;
      tools.push({
        kind: "function",
        name,
        ...(description === undefined ? {} : { description }),
        parameters: inputSchema.json,
        ...(strict === undefined ? {} : { strict }),
      });
    } else if (last !== undefined && cachePoint !== undefined) {
      tools[tools.length - 1] = { ...last, cache: markOf(cachePoint) };
    }
  }
  return tools;
}

/** A cache point marks what stands before it. */
function markOf({ ttl }: CachePoint): CachePoint {
  return ttl === undefined ? {} : { ttl };
}

function withMarks(content: readonly Block[]): readonly Part[] {
  const parts: Part[] = [];
  for (const block of content) {
    const last = parts.at(-1);
    if (block.cachePoint === undefined) parts.push(partOf(block));
    else if (last !== undefined)
      parts[parts.length - 1] = { ...last, cache: markOf(block.cachePoint) } as Part;
  }
  return parts;
}

function partOf(block: Block): Part {
  const { audio, document, image, reasoningContent, text, toolResult, toolUse } = block;
  if (text !== undefined) return { kind: "text", text };
  if (image !== undefined)
    return { kind: "image", source: bytes(`image/${image.format}`, image.source.bytes) };
  if (audio !== undefined) return { kind: "audio", format: audio.format, data: audio.source.bytes };
  if (document !== undefined) return documentOf(document);
  if (toolUse !== undefined) {
    const { input, name, toolUseId: id } = toolUse;
    return { kind: "tool-call", id, name, arguments: JSON.stringify(input) };
  }
  if (toolResult !== undefined) {
    const { content, status, toolUseId: id } = toolResult;
    // Only texts, images and documents stand in a result.
    return { kind: "tool-result", id, content: withMarks(content) as never, isError: status === "error" };
  }
  const { reasoningText, redactedContent } = reasoningContent ?? {};
  if (reasoningText !== undefined) return { kind: "reasoning", ...reasoningText };
  if (redactedContent !== undefined) return { kind: "redacted-reasoning", data: redactedContent };
  return { kind: "other", wire: "bedrock", value: { ...block } };
}

function documentOf({ citations, context, format, name, source }: Document): Part {
  return {
    kind: "document",
    source:
      "text" in source
        ? { kind: "text", text: source.text }
        : bytes(format === "pdf" ? "application/pdf" : `text/${format}`, source.bytes),
    name,
    ...(context === undefined ? {} : { context }),
    ...(citations === undefined ? {} : { cite: citations.enabled }),
  };
}

function bytes(mediaType: string, data: string): Source {
  return { kind: "base64", mediaType, data };
}
