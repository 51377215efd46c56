import type { Fields } from "./wire.ts";

const members: ReadonlySet<string> = new Set([
  "messages",
  "system",
  "inferenceConfig",
  "toolConfig",
  "guardrailConfig",
  "additionalModelRequestFields",
  "promptVariables",
  "additionalModelResponseFieldPaths",
  "requestMetadata",
  "performanceConfig",
  "serviceTier",
  "outputConfig",
  // The script of this very request.
  "fake",
]);

/** Kinds of blocks, and who may send them. */
const blockKinds: { readonly [kind: string]: readonly string[] } = {
  text: ["user", "assistant"],
  image: ["user"],
  document: ["user"],
  video: ["user"],
  audio: ["user"],
  toolUse: ["assistant"],
  toolResult: ["user"],
  guardContent: ["user"],
  cachePoint: ["user", "assistant"],
  reasoningContent: ["assistant"],
  citationsContent: ["assistant"],
  searchResult: ["user"],
};

const NAME = /^[a-zA-Z0-9_-]{1,64}$/;
const DOCUMENT_NAME = /^(?!.*\s\s)[a-zA-Z0-9\s()[\]-]{1,200}$/;

interface Block {
  readonly [kind: string]: Fields & string;
}

interface Message {
  readonly role: string;
  readonly content: readonly Block[];
}

/** What Converse would say is wrong with a request, from its documentation; undefined when it is valid. */
export function bedrockProblem(fields: Fields): string | undefined {
  for (const name of Object.keys(fields)) {
    if (!members.has(name)) return `extraneous key [${name}] is not permitted`;
  }
  const messages = (fields["messages"] ?? []) as readonly Message[];
  if (messages.length === 0) return "A conversation must have at least one message";
  if (messages[0]?.role !== "user") return "A conversation must start with a user message.";
  const documentNames = new Set<string>();
  for (const [index, message] of messages.entries()) {
    const problem = messageProblem(message, messages[index - 1], documentNames);
    if (problem !== undefined) return `messages.${index}: ${problem}`;
  }
  const tools = fields["toolConfig"] as
    | { readonly tools: readonly Block[]; readonly toolChoice?: object }
    | undefined;
  const usesTools = messages.some(({ content }) =>
    content.some((block) => "toolUse" in block || "toolResult" in block),
  );
  if (tools === undefined) {
    return usesTools
      ? "The toolConfig field must be defined when using toolUse and toolResult content blocks."
      : undefined;
  }
  return toolsProblem(tools.tools, tools.toolChoice);
}

function messageProblem(
  message: Message,
  before: Message | undefined,
  documentNames: Set<string>,
): string | undefined {
  const { content, role } = message;
  if (role !== "user" && role !== "assistant") return `the role ${role} is unknown`;
  if (role === before?.role) return "A conversation must alternate between user and assistant roles.";
  if (content.length === 0) return "The content field is empty";
  for (const [index, block] of content.entries()) {
    const problem = blockProblem(block, role, documentNames);
    if (problem !== undefined) return `content.${index}: ${problem}`;
  }
  if (content.some((block) => "document" in block) && !content.some((block) => "text" in block)) {
    return "A text block is required beside a document";
  }
  const called = idsOf(before, "toolUse");
  const answered = idsOf(message, "toolResult");
  if (called.join() !== answered.join()) {
    return `Expected toolResult blocks for the following Ids: ${called.join(", ")}, but found: ${answered.join(", ")}`;
  }
  return undefined;
}

function idsOf(message: Message | undefined, kind: "toolUse" | "toolResult"): readonly string[] {
  return (message?.content ?? [])
    .flatMap((block) => (kind in block ? [String(block[kind]?.["toolUseId"])] : []))
    .sort();
}

function blockProblem(block: Block, role: string, documentNames: Set<string>): string | undefined {
  const [kind, ...others] = Object.keys(block);
  if (kind === undefined || others.length > 0) return "a block has exactly one member";
  if (blockKinds[kind]?.includes(role) !== true) return `${kind} is not permitted for the role ${role}`;
  const value = block[kind];
  if (kind === "text")
    return String(value).trim() === "" ? "The text field in the ContentBlock object is blank." : undefined;
  if (kind === "document") return documentProblem(value as Fields, documentNames);
  if (kind === "image" && !["png", "jpeg", "gif", "webp"].includes(String(value?.["format"]))) {
    return `the image format ${String(value?.["format"])} is unknown`;
  }
  if (kind === "toolUse") {
    if (!NAME.test(String(value?.["name"]))) return "toolUse.name failed to satisfy its pattern";
    const input = value?.["input"];
    if (typeof input !== "object" || input === null || Array.isArray(input))
      return "The format of toolUse.input is invalid.";
  }
  if (kind === "toolUse" || kind === "toolResult") {
    if (!NAME.test(String(value?.["toolUseId"]))) return `${kind}.toolUseId failed to satisfy its pattern`;
  }
  if (kind === "toolResult") return resultProblem(value?.["content"] as readonly Block[], documentNames);
  return undefined;
}

function resultProblem(content: readonly Block[], documentNames: Set<string>): string | undefined {
  if (content.length === 0) return "The content field of toolResult cannot be empty";
  for (const piece of content) {
    if ("text" in piece && String(piece["text"]).trim() === "")
      return "The text field in the ToolResultContentBlock is blank.";
    if ("document" in piece) {
      const problem = documentProblem(piece["document"] as Fields, documentNames);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

function documentProblem({ name }: Fields, documentNames: Set<string>): string | undefined {
  if (!DOCUMENT_NAME.test(String(name))) return "The document file name can only contain certain characters.";
  if (documentNames.has(String(name))) return "The document names must be unique.";
  documentNames.add(String(name));
  return undefined;
}

function toolsProblem(tools: readonly Block[], choice: object | undefined): string | undefined {
  if (tools.length === 0) return "toolConfig.tools must have at least one tool";
  const names = new Set<string>();
  for (const [index, { toolSpec }] of tools.entries()) {
    if (toolSpec === undefined) continue;
    const name = String(toolSpec["name"]);
    if (!NAME.test(name)) return `toolConfig.tools.${index}.toolSpec.name failed to satisfy its pattern`;
    if (names.has(name)) return `The tool ${name} is defined twice`;
    names.add(name);
    if (toolSpec["description"] === "") return `toolConfig.tools.${index}.toolSpec.description is empty`;
    const schema = toolSpec["inputSchema"] as { readonly json?: { readonly type?: unknown } } | undefined;
    if (schema?.json?.type !== "object") {
      return `The value at toolConfig.tools.${index}.toolSpec.inputSchema.json.type must be one of the following: object.`;
    }
  }
  if (choice === undefined) return undefined;
  const [kind, ...others] = Object.keys(choice);
  if (others.length > 0 || !["auto", "any", "tool"].includes(String(kind)))
    return "toolConfig.toolChoice is invalid";
  const chosen = (choice as { readonly tool?: { readonly name: string } }).tool?.name;
  return chosen === undefined || names.has(chosen) ? undefined : `The tool ${chosen} is not defined`;
}
