import type { Fields } from "./wire.ts";

/** Members of a request: Anthropic refuses all others. */
const members: ReadonlySet<string> = new Set([
  "model",
  "anthropic_version",
  "max_tokens",
  "messages",
  "system",
  "cache_control",
  "container",
  "context_management",
  "inference_geo",
  "mcp_servers",
  "metadata",
  "output_config",
  "service_tier",
  "speed",
  "stop_sequences",
  "stream",
  "temperature",
  "thinking",
  "tool_choice",
  "tools",
  "top_k",
  "top_p",
  // The script of this very request.
  "fake",
]);

const NAME = /^[a-zA-Z0-9_-]{1,128}$/;
const ID = /^[a-zA-Z0-9_-]+$/;

/** What the pages on each model say it refuses. */
const ADAPTIVE_ONLY = /claude-(?:opus-4-[78]|(?:opus|sonnet|haiku|fable|mythos)-5)/;
const BUDGET_ONLY = /claude-(?:(?:opus|sonnet|haiku)-4-[0-5]|(?:opus|sonnet)-4(?![-\d])|3-7)/;
const NO_FORCED_TOOL = /claude-(?:(?:opus|sonnet)-5-5|(?:fable|mythos)-5-[12])/;
const NO_PREFILL = /claude-(?:(?:opus|sonnet)-4-[6-8]|(?:opus|sonnet|haiku|fable|mythos)-5)/;
const NO_SYSTEM_TURNS = /claude-(?:(?:opus|sonnet|haiku)-4(?!-8)|3)/;

interface Message {
  readonly role: string;
  readonly content: string | readonly Fields[];
}

/** What the Messages API would say is wrong with a request, from its documentation; undefined when it is valid. */
export function anthropicProblem(fields: Fields): string | undefined {
  for (const name of Object.keys(fields)) {
    if (!members.has(name)) return `${name}: Extra inputs are not permitted`;
  }
  const model = fields["model"];
  if (typeof model !== "string" || model === "") return "model: Field required";
  if (typeof fields["max_tokens"] !== "number") return "max_tokens: Field required";
  const messages = (fields["messages"] ?? []) as readonly Message[];
  if (messages.length === 0) return "messages: at least one message is required";
  if (messages[0]?.role !== "user") return 'messages: first message must use the "user" role';
  for (const [index, message] of messages.entries()) {
    const problem = messageProblem(message, index, messages, model);
    if (problem !== undefined) return `messages.${index}: ${problem}`;
  }
  const system = fields["system"];
  if (Array.isArray(system) && system.some((block: Fields) => blockProblem(block, "system") !== undefined)) {
    return "system: text content blocks must be non-empty";
  }
  return (
    prefillProblem(messages.at(-1), model) ?? toolsProblem(fields, model) ?? thinkingProblem(fields, model)
  );
}

function messageProblem(
  { content, role }: Message,
  index: number,
  messages: readonly Message[],
  model: string,
): string | undefined {
  if (role === "system") return systemProblem(messages, index, model);
  if (role !== "user" && role !== "assistant") return `Unexpected role "${role}"`;
  const blocks = blocksOf(content);
  if (blocks.length === 0) return "all messages must have non-empty content";
  for (const [at, block] of blocks.entries()) {
    const problem = blockProblem(block, role);
    if (problem !== undefined) return `content.${at}: ${problem}`;
  }
  const before =
    role === "user" ? messages.slice(0, index).findLast(({ role: other }) => other !== "system") : undefined;
  const called = before?.role === "assistant" ? idsOf(before, "tool_use", "id") : [];
  const answered = idsOf({ role, content }, "tool_result", "tool_use_id");
  if (role === "user" && called.join() !== answered.join()) {
    return `\`tool_use\` ids were found without \`tool_result\` blocks immediately after, or the other way round: ${called.join()} and ${answered.join()}`;
  }
  const other = blocks.findIndex(({ type }) => type !== "tool_result");
  if (other >= 0 && blocks.slice(other).some(({ type }) => type === "tool_result")) {
    return "tool_result blocks must come before all other content";
  }
  return undefined;
}

function blocksOf(content: Message["content"]): readonly Fields[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

function idsOf({ content }: Message, type: string, member: string): readonly string[] {
  return blocksOf(content)
    .flatMap((block) => (block["type"] === type ? [String(block[member])] : []))
    .toSorted();
}

function systemProblem(messages: readonly Message[], index: number, model: string): string | undefined {
  if (NO_SYSTEM_TURNS.test(model)) return "role 'system' is not supported on this model";
  if (messages[index - 1]?.role !== "user") return "role 'system' must follow a 'user' message";
  const next = messages[index + 1];
  return next === undefined || next.role === "assistant"
    ? undefined
    : "role 'system' must precede an 'assistant' message";
}

/** Kinds of blocks that only one side sends. */
const senders: { readonly [type: string]: string } = {
  image: "user",
  document: "user",
  tool_result: "user",
  search_result: "user",
  tool_use: "assistant",
  thinking: "assistant",
  redacted_thinking: "assistant",
};

function blockProblem(block: Fields, role: string): string | undefined {
  const type = String(block["type"]);
  const sender = senders[type];
  if (sender !== undefined && sender !== role) return `${type} blocks are not permitted in ${role} messages`;
  switch (type) {
    case "text":
      return String(block["text"]).trim() === "" ? "text content blocks must be non-empty" : undefined;
    case "tool_use":
      if (!ID.test(String(block["id"]))) return `tool_use.id: String should match pattern '${ID.source}'`;
      if (!NAME.test(String(block["name"])))
        return `tool_use.name: String should match pattern '${NAME.source}'`;
      return isFields(block["input"]) ? undefined : "tool_use.input: Input should be a valid dictionary";
    case "tool_result": {
      const content = block["content"];
      if (!Array.isArray(content)) return undefined;
      return content
        .map((piece: Fields) => blockProblem(piece, "user"))
        .find((problem) => problem !== undefined);
    }
    case "thinking":
      return typeof block["signature"] !== "string" || block["signature"] === ""
        ? "Invalid `signature` in `thinking` block"
        : undefined;
    case "image":
    case "document":
      return sourceProblem(type, block["source"]);
    default:
      return undefined;
  }
}

function sourceProblem(type: string, source: unknown): string | undefined {
  if (!isFields(source)) return `${type}.source: Field required`;
  switch (source["type"]) {
    case "base64":
      if (type === "document" && source["media_type"] !== "application/pdf") {
        return "document.source.base64.media_type: Input should be 'application/pdf'";
      }
      return typeof source["data"] === "string" ? undefined : `${type}.source.base64.data: Field required`;
    case "url":
      return /^https?:/.test(String(source["url"]))
        ? undefined
        : `${type}.source.url.url: Only HTTP URLs are supported`;
    case "file":
      return undefined;
    case "text":
    case "content":
      if (type === "document") return undefined;
  }
  return `${type}.source: Input tag '${String(source["type"])}' found does not match any of the expected tags`;
}

function prefillProblem(last: Message | undefined, model: string): string | undefined {
  if (last?.role !== "assistant") return undefined;
  if (NO_PREFILL.test(model)) return "This model does not support assistant message prefill.";
  const text = blocksOf(last.content).at(-1)?.["text"];
  return typeof text === "string" && text !== text.trimEnd()
    ? "messages: final assistant content cannot end with trailing whitespace"
    : undefined;
}

function toolsProblem(fields: Fields, model: string): string | undefined {
  const tools = (fields["tools"] ?? []) as readonly Fields[];
  const names = new Set<string>();
  for (const [index, tool] of tools.entries()) {
    const name = String(tool["name"]);
    if (!NAME.test(name)) return `tools.${index}.custom.name: String should match pattern '${NAME.source}'`;
    if (names.has(name)) return "tools: Tool names must be unique.";
    names.add(name);
    if (tool["type"] !== undefined && tool["type"] !== "custom") continue;
    const schema = tool["input_schema"];
    if (!isFields(schema) || schema["type"] !== "object")
      return `tools.${index}.custom.input_schema.type: Field required`;
  }
  const choice = fields["tool_choice"];
  if (!isFields(choice)) return undefined;
  if (tools.length === 0) return "tool_choice may only be specified while providing tools.";
  const type = String(choice["type"]);
  if (!["auto", "any", "tool", "none"].includes(type)) return `tool_choice: Input tag '${type}' is unknown`;
  if ((type === "any" || type === "tool") && NO_FORCED_TOOL.test(model)) {
    return 'tool_choice: type "tool" and "any" are not supported for this model.';
  }
  return type === "tool" && !names.has(String(choice["name"]))
    ? `Tool '${String(choice["name"])}' not found in provided tools`
    : undefined;
}

function thinkingProblem(fields: Fields, model: string): string | undefined {
  const { temperature, thinking, tool_choice: choice, top_k, top_p } = fields;
  const adaptiveOnly = ADAPTIVE_ONLY.test(model);
  if (adaptiveOnly && (temperature !== undefined || top_p !== undefined || top_k !== undefined)) {
    return "`temperature`, `top_p` and `top_k` are deprecated for this model.";
  }
  if (typeof temperature === "number" && temperature > 1) return "temperature: range: 0..1";
  if (!isFields(thinking)) return undefined;
  const type = thinking["type"];
  if (type === "disabled" || type === "between_tools") return undefined;
  if (type === "enabled" && adaptiveOnly) return '"thinking.type.enabled" is not supported for this model.';
  if (type === "adaptive" && BUDGET_ONLY.test(model))
    return "adaptive thinking is not supported on this model";
  if (type === "enabled") {
    const budget = Number(thinking["budget_tokens"]);
    if (!(budget >= 1024))
      return "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024";
    if (budget >= Number(fields["max_tokens"]))
      return "`max_tokens` must be greater than `thinking.budget_tokens`.";
  }
  if (temperature !== undefined && temperature !== 1)
    return "`temperature` may only be set to 1 when thinking is enabled.";
  if (top_k !== undefined) return "`top_k` must be unset when thinking is enabled.";
  if (isFields(choice) && (choice["type"] === "any" || choice["type"] === "tool")) {
    return "Thinking may not be enabled when tool_choice forces tool use.";
  }
  return undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
