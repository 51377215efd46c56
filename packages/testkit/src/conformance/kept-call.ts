import type {
  ChatCall,
  ChatOptions,
  Feature,
  Fidelity,
  FunctionTool,
  Message,
  Part,
  ToolResultPart,
} from "@gatewright/call";

/**
 * The call without everything that the fidelity does not say is kept, and still legal: what then stands alone (results of
 * calls, a message without parts) goes as well.
 */
export function keptCall(call: ChatCall, fidelity: Fidelity): ChatCall {
  const keeps = (feature: Feature): boolean => fidelity[feature] === "kept";
  const { format, options, reasoning, toolChoice, ...rest } = call;
  const tools = keeps("tools") ? call.tools.map((tool) => keptTool(tool as FunctionTool, keeps)) : [];
  const choiceKept =
    toolChoice !== undefined &&
    tools.length > 0 &&
    (toolChoice.kind === "auto" || keeps(`tool_choice_${toolChoice.kind}`));
  return {
    ...rest,
    messages: keptMessages(call.messages, keeps),
    tools,
    ...(choiceKept ? { toolChoice } : {}),
    ...(format !== undefined && keeps(`response_format_${format.kind}`) ? { format } : {}),
    ...keptReasoning(reasoning, keeps),
    options: keptOptions(options, keeps),
  };
}

/** What a wire has to say of a call, with neighbours of one role joined: APIs divide messages differently. */
export function conversationOf(call: ChatCall): Omit<ChatCall, "kind" | "from" | "stream"> {
  const { from: _, kind: __, stream: ___, messages, ...rest } = call;
  const joined: Message[] = [];
  for (const message of messages) {
    const last = joined.at(-1);
    if (last?.role === message.role && last.name === message.name) {
      joined[joined.length - 1] = { ...last, parts: [...last.parts, ...message.parts] };
    } else joined.push(message);
  }
  return { ...rest, messages: joined };
}

type Keeps = (feature: Feature) => boolean;

function keptTool(tool: FunctionTool, keeps: Keeps): FunctionTool {
  const { strict, ...rest } = withoutMark(tool, keeps);
  return strict === undefined || !keeps("strict_tools") ? rest : { ...rest, strict };
}

function withoutMark<T extends object>(value: T, keeps: Keeps): T {
  if (keeps("cache_control") || !("cache" in value)) return value;
  const { cache: _, ...rest } = value;
  return rest as T;
}

function keptMessages(messages: readonly Message[], keeps: Keeps): readonly Message[] {
  const kept: Message[] = [];
  for (const { name, parts, role } of messages) {
    if ((role === "system" || role === "developer") && !keeps(role)) continue;
    const left = parts.flatMap((part) => keptPart(part, keeps));
    if (left.length === 0) continue;
    kept.push({ role, parts: left, ...(name !== undefined && keeps("message_name") ? { name } : {}) });
  }
  // Where the last question is gone as well, nothing legal is left to ask.
  while (kept.at(-1)?.role === "assistant" && !keeps("assistant_prefill")) kept.pop();
  if (kept.some(({ role }) => role === "user")) return kept;
  return [...kept, { role: "user", parts: [{ kind: "text", text: "hi" }] }];
}

function keptPart(part: Part, keeps: Keeps): readonly Part[] {
  switch (part.kind) {
    case "text":
      return [withoutMark(part, keeps)];
    case "image":
    case "document":
      return keepsSource(part, keeps) ? [keptDocument(withoutMark(part, keeps), keeps)] : [];
    case "audio":
      return keeps("audio_input") ? [part] : [];
    case "tool-call":
      return keeps("tools") ? [withoutMark(part, keeps)] : [];
    case "tool-result":
      return keeps("tools") ? [keptResult(withoutMark(part, keeps), keeps)] : [];
    case "reasoning": {
      if (!keeps("reasoning_content") && !(part.signature !== undefined && keeps("reasoning_signature")))
        return [];
      const { signature, ...rest } = part;
      return [signature !== undefined && keeps("reasoning_signature") ? part : rest];
    }
    case "redacted-reasoning":
      return keeps("redacted_reasoning") ? [part] : [];
    default:
      return [];
  }
}

type Attached = Extract<Part, { kind: "image" | "document" }>;

function keepsSource({ kind, source }: Attached, keeps: Keeps): boolean {
  if (kind === "document") return keeps(`document_${source.kind}`);
  return source.kind !== "text" && keeps(`image_${source.kind}`);
}

function keptDocument(part: Attached, keeps: Keeps): Attached {
  if (part.kind === "image" || keeps("document_citations")) return part;
  const { cite: _, context: __, ...rest } = part;
  return rest;
}

/** A result always says something. */
function keptResult(part: ToolResultPart, keeps: Keeps): ToolResultPart {
  const content = part.content.flatMap((piece): ToolResultPart["content"] => {
    if (piece.kind === "text") return [withoutMark(piece, keeps)];
    if (!keeps(`tool_result_${piece.kind}`) || !keepsSource(piece, keeps)) return [];
    return [keptDocument(withoutMark(piece, keeps), keeps)];
  });
  return {
    ...part,
    content: content.length === 0 ? [{ kind: "text", text: "done" }] : content,
    isError: part.isError && keeps("tool_result_error"),
  };
}

function keptReasoning(reasoning: ChatCall["reasoning"], keeps: Keeps): Pick<ChatCall, "reasoning"> {
  if (reasoning === undefined) return {};
  const { budgetTokens, effort, enabled, summary } = reasoning;
  const kept = {
    enabled,
    ...(effort !== undefined && keeps("reasoning_effort") ? { effort } : {}),
    ...(budgetTokens !== undefined && keeps("thinking") ? { budgetTokens } : {}),
    ...(summary !== undefined && keeps("reasoning_summary") ? { summary } : {}),
  };
  // That there is to be some, or none, and nothing more, is a wish about thinking itself.
  return Object.keys(kept).length > 1 || keeps("thinking") ? { reasoning: kept } : {};
}

function keptOptions(options: ChatOptions, keeps: Keeps): ChatOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => keeps(name as keyof ChatOptions)));
}
