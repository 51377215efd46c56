import type {
  ChatCall,
  ChatOptions,
  DocumentPart,
  ImagePart,
  Message,
  Part,
  Tool,
  ToolResultPart,
} from "@gatewright/call";
import type { Fields } from "./wire.ts";

/** The parts of a call that a request of generateContent says. */
export type GeminiRequest = Pick<
  ChatCall,
  "messages" | "tools" | "toolChoice" | "format" | "reasoning" | "options" | "extra"
>;

interface Body {
  readonly contents?: readonly Content[];
  readonly systemInstruction?: Content;
  readonly tools?: readonly WireTool[];
  readonly toolConfig?: { readonly functionCallingConfig?: CallingConfig };
  readonly generationConfig?: GenerationConfig;
  readonly serviceTier?: string;
}

interface Content {
  readonly role?: string;
  readonly parts?: readonly WirePart[];
}

interface WirePart extends Fields {
  readonly text?: string;
  readonly thought?: boolean;
  readonly thoughtSignature?: string;
  readonly inlineData?: { readonly mimeType: string; readonly data: string };
  readonly functionCall?: { readonly id?: string; readonly name: string; readonly args: Fields };
  readonly functionResponse?: FunctionResponse;
}

interface FunctionResponse {
  readonly id?: string;
  readonly name: string;
  readonly response: { readonly output?: string; readonly error?: string };
  readonly parts?: readonly WirePart[];
}

interface WireTool extends Fields {
  readonly functionDeclarations?: readonly {
    readonly name: string;
    readonly description?: string;
    readonly parametersJsonSchema?: Fields;
  }[];
}

interface CallingConfig {
  readonly mode: "AUTO" | "ANY" | "NONE" | "VALIDATED";
  readonly allowedFunctionNames?: readonly string[];
}

interface GenerationConfig extends Fields {
  readonly responseModalities?: readonly string[];
  readonly responseMimeType?: string;
  readonly responseJsonSchema?: Fields;
  readonly thinkingConfig?: ThinkingConfig;
}

interface ThinkingConfig {
  readonly includeThoughts?: boolean;
  readonly thinkingBudget?: number;
  readonly thinkingLevel?: string;
}

/** Reads a request of generateContent as Google's API references say. */
export function readGeminiRequest(fields: Fields): GeminiRequest {
  const {
    contents = [],
    generationConfig = {},
    serviceTier,
    systemInstruction,
    toolConfig,
    tools = [],
  } = fields as Body;
  const calling = toolConfig?.functionCallingConfig;
  const thinking = generationConfig.thinkingConfig;
  const open: OpenCalls = new Map();
  const system: readonly Message[] =
    systemInstruction === undefined ? [] : [{ role: "system", parts: partsOf(systemInstruction, open) }];
  return {
    messages: [
      ...system,
      ...contents.map(
        (content): Message => ({
          role: content.role === "model" ? "assistant" : "user",
          parts: partsOf(content, open),
        }),
      ),
    ],
    tools: tools.flatMap(toolsOf),
    ...(calling === undefined ? {} : { toolChoice: choiceOf(calling) }),
    ...formatOf(generationConfig),
    ...(thinking === undefined ? {} : { reasoning: reasoningOf(thinking) }),
    options: optionsOf(generationConfig, serviceTier),
    extra: Object.fromEntries(
      ["safetySettings", "cachedContent", "labels"].flatMap((name) =>
        name in fields ? [[name, fields[name]]] : [],
      ),
    ),
  };
}

const optionNames: { readonly [member: string]: keyof ChatOptions } = {
  maxOutputTokens: "max_tokens",
  temperature: "temperature",
  topP: "top_p",
  topK: "top_k",
  stopSequences: "stop",
  seed: "seed",
  candidateCount: "n",
  frequencyPenalty: "frequency_penalty",
  presencePenalty: "presence_penalty",
  responseLogprobs: "logprobs",
  logprobs: "top_logprobs",
};

function optionsOf(config: GenerationConfig, serviceTier: string | undefined): ChatOptions {
  const modalities = config.responseModalities?.map((modality) => modality.toLowerCase());
  return {
    ...Object.fromEntries(
      Object.entries(optionNames).flatMap(([member, option]) =>
        member in config ? [[option, config[member]]] : [],
      ),
    ),
    ...(modalities === undefined ? {} : { modalities }),
    ...(serviceTier === undefined ? {} : { service_tier: serviceTier }),
  };
}

function formatOf({ responseJsonSchema, responseMimeType }: GenerationConfig): Pick<ChatCall, "format"> {
  if (responseMimeType !== "application/json") return {};
  if (responseJsonSchema === undefined) return { format: { kind: "json" } };
  return { format: { kind: "schema", name: "", schema: responseJsonSchema } };
}

function reasoningOf(thinking: ThinkingConfig): NonNullable<ChatCall["reasoning"]> {
  const { includeThoughts = false, thinkingBudget, thinkingLevel } = thinking;
  return {
    enabled: includeThoughts,
    ...(thinkingBudget === undefined ? {} : { budgetTokens: thinkingBudget }),
    ...(thinkingLevel === undefined ? {} : { effort: thinkingLevel.toLowerCase() }),
  };
}

function choiceOf({ allowedFunctionNames: names, mode }: CallingConfig): NonNullable<ChatCall["toolChoice"]> {
  if (mode === "NONE") return { kind: "none" };
  if (mode === "AUTO") return { kind: "auto" };
  if (names === undefined) return { kind: "required" };
  const [name, second] = names;
  if (mode === "ANY" && name !== undefined && second === undefined) return { kind: "tool", name };
  return { kind: "allowed", required: mode === "ANY", names };
}

function toolsOf(tool: WireTool): readonly Tool[] {
  const { functionDeclarations } = tool;
  if (functionDeclarations === undefined) return [{ kind: "other", wire: "gemini", value: tool }];
  return functionDeclarations.map(({ description, name, parametersJsonSchema }) => ({
    kind: "function",
    name,
    ...(description === undefined ? {} : { description }),
    ...(parametersJsonSchema === undefined ? {} : { parameters: parametersJsonSchema }),
  }));
}

/** Calls that no result has answered yet, by name: that is how results without an id find theirs. */
type OpenCalls = Map<string, string[]>;

function partsOf({ parts = [] }: Content, open: OpenCalls): readonly Part[] {
  return parts.flatMap((part) => partOf(part, open));
}

function partOf(part: WirePart, open: OpenCalls): readonly Part[] {
  const { functionCall, functionResponse, inlineData, text, thought, thoughtSignature } = part;
  if (text !== undefined) {
    const signature = thoughtSignature === undefined ? {} : { signature: markOf(thoughtSignature) };
    if (thought === true) return [{ kind: "reasoning", text, ...signature }];
    const said: Part = { kind: "text", text };
    return thoughtSignature === undefined ? [said] : [said, { kind: "reasoning", text: "", ...signature }];
  }
  if (inlineData !== undefined) return [mediaOf(inlineData)];
  if (functionCall !== undefined) {
    const { args, name } = functionCall;
    const ids = open.get(name) ?? [];
    const id = functionCall.id ?? `${name} ${ids.length}`;
    open.set(name, [...ids, id]);
    const signature = thoughtSignature === undefined ? {} : { signature: thoughtSignature };
    return [{ kind: "tool-call", id, name, arguments: JSON.stringify(args), ...signature }];
  }
  if (functionResponse !== undefined) return [resultOf(functionResponse, open)];
  return [{ kind: "other", wire: "gemini", value: part }];
}

/** Signatures of Gemini's, as conversations carry them. */
function markOf(signature: string): string {
  return `gemini:${signature}`;
}

const AUDIO = /^audio\/([\w-]+)$/;

function mediaOf({ data, mimeType }: NonNullable<WirePart["inlineData"]>): Part {
  const format = AUDIO.exec(mimeType)?.[1];
  return format === undefined ? bytesOf(mimeType, data) : { kind: "audio", data, format };
}

function bytesOf(mediaType: string, data: string): ImagePart | DocumentPart {
  const source = { kind: "base64", mediaType, data } as const;
  return { kind: mediaType.startsWith("image/") ? "image" : "document", source };
}

function resultOf({ id, name, parts = [], response }: FunctionResponse, open: OpenCalls): ToolResultPart {
  const [first = ""] = open.get(name)?.splice(0, 1) ?? [];
  return {
    kind: "tool-result",
    id: id ?? first,
    name,
    content: [
      { kind: "text", text: response.error ?? response.output ?? "" },
      ...parts.flatMap(({ inlineData }) =>
        inlineData === undefined ? [] : [bytesOf(inlineData.mimeType, inlineData.data)],
      ),
    ],
    isError: response.error !== undefined,
  };
}
