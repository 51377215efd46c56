import type { Fields } from "./wire.ts";

const members: ReadonlySet<string> = new Set([
  "contents",
  "systemInstruction",
  "tools",
  "toolConfig",
  "safetySettings",
  "generationConfig",
  "cachedContent",
  "labels",
  "modelArmorConfig",
  "serviceTier",
  "store",
  // The script of this very request.
  "fake",
]);

const generationMembers: ReadonlySet<string> = new Set([
  "stopSequences",
  "responseMimeType",
  "responseSchema",
  "responseJsonSchema",
  "responseModalities",
  "candidateCount",
  "maxOutputTokens",
  "temperature",
  "topP",
  "topK",
  "seed",
  "presencePenalty",
  "frequencyPenalty",
  "responseLogprobs",
  "logprobs",
  "speechConfig",
  "thinkingConfig",
  "imageConfig",
  "mediaResolution",
  "audioTimestamp",
]);

/** Members of a part, of which it has one, and who may send it. */
const kinds: { readonly [member: string]: readonly string[] } = {
  text: ["user", "model"],
  inlineData: ["user", "model"],
  fileData: ["user", "model"],
  functionCall: ["model"],
  functionResponse: ["user"],
  executableCode: ["model"],
  codeExecutionResult: ["model", "user"],
  toolCall: ["model"],
  toolResponse: ["user", "model"],
};

const beside: ReadonlySet<string> = new Set([
  "thought",
  "thoughtSignature",
  "videoMetadata",
  "mediaResolution",
]);

const FUNCTION_NAME = /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/;

interface Part {
  readonly [member: string]: Fields & string;
}

interface Content {
  readonly role?: string;
  readonly parts?: readonly Part[];
}

interface Declaration {
  readonly name?: string;
  readonly parameters?: unknown;
  readonly parametersJsonSchema?: unknown;
}

/** What Google would say is wrong with a request, from its documentation; undefined when it is valid. */
export function geminiProblem(fields: Fields, model: string): string | undefined {
  return (
    unknownMember(fields, members, "") ??
    generationProblem((fields["generationConfig"] ?? {}) as Fields) ??
    toolsProblem(fields) ??
    contentsProblem(fields["contents"] as readonly Content[] | undefined, model)
  );
}

function unknownMember(fields: Fields, known: ReadonlySet<string>, where: string): string | undefined {
  const unknown = Object.keys(fields).find((name) => !known.has(name));
  return unknown === undefined
    ? undefined
    : `Invalid JSON payload received. Unknown name "${unknown}"${where}: Cannot find field.`;
}

function generationProblem(config: Fields): string | undefined {
  const unknown = unknownMember(config, generationMembers, " at 'generation_config'");
  if (unknown !== undefined) return unknown;
  const { logprobs, responseJsonSchema, responseLogprobs, responseMimeType, responseSchema } = config;
  if (logprobs !== undefined && responseLogprobs !== true)
    return "Logprobs requires response_logprobs to be true.";
  if (responseJsonSchema !== undefined && responseSchema !== undefined)
    return "only one of response_schema and response_json_schema can be set";
  if ((responseJsonSchema ?? responseSchema) !== undefined && responseMimeType !== "application/json")
    return "Response schema needs the response mime type application/json.";
  const thinking = config["thinkingConfig"] as Fields | undefined;
  if (thinking?.["thinkingBudget"] !== undefined && thinking["thinkingLevel"] !== undefined)
    return "You can only set only one of thinking budget and thinking level.";
  return undefined;
}

function toolsProblem(fields: Fields): string | undefined {
  const tools = (fields["tools"] ?? []) as readonly {
    readonly functionDeclarations?: readonly Declaration[];
  }[];
  const declarations = tools.flatMap(({ functionDeclarations }) => functionDeclarations ?? []);
  for (const { name = "", parameters, parametersJsonSchema } of declarations) {
    if (!FUNCTION_NAME.test(name))
      return `Invalid function name ${name}. Must start with a letter or an underscore.`;
    if (parameters !== undefined && parametersJsonSchema !== undefined)
      return "parameters and parameters_json_schema must not both be set.";
  }
  const names = declarations.map(({ name }) => name);
  if (new Set(names).size < names.length) return "Duplicate function declaration found.";
  const config = fields["toolConfig"] as { readonly functionCallingConfig?: Fields } | undefined;
  const { mode, allowedFunctionNames } = config?.functionCallingConfig ?? {};
  if (mode === undefined) return undefined;
  if (declarations.length === 0 && mode !== "NONE")
    return "Function calling config is set without function_declarations.";
  if (allowedFunctionNames === undefined) return undefined;
  if (mode !== "ANY" && mode !== "VALIDATED")
    return "Function calling mode must be ANY or VALIDATED if allowed_function_names are set.";
  const stranger = (allowedFunctionNames as readonly string[]).find((name) => !names.includes(name));
  return stranger === undefined
    ? undefined
    : `allowed_function_names has ${stranger}, which is not declared.`;
}

function contentsProblem(contents: readonly Content[] | undefined, model: string): string | undefined {
  if (contents === undefined || contents.length === 0)
    return "* GenerateContentRequest.contents: contents is not specified";
  // Where the current turn of the user begins: the last content of the user that holds no results.
  const turn = contents.findLastIndex(
    ({ parts, role }) => role === "user" && callsIn(parts, "functionResponse").length === 0,
  );
  for (const [index, content] of contents.entries()) {
    const problem =
      contentProblem(content, contents[index - 1]) ?? signatureProblem(content, model, index > turn);
    if (problem !== undefined) return `contents[${index}]: ${problem}`;
  }
  return undefined;
}

function contentProblem({ parts = [], role }: Content, before: Content | undefined): string | undefined {
  if (role !== "user" && role !== "model") return "Please use a valid role: user, model.";
  if (role === before?.role) return "the roles of this fake's conversations alternate";
  if (parts.length === 0) return "parts must not be empty.";
  for (const part of parts) {
    const problem = partProblem(part, role);
    if (problem !== undefined) return problem;
  }
  const called = callsIn(before?.parts, "functionCall");
  const answered = callsIn(parts, "functionResponse");
  if (called.length !== answered.length)
    return "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.";
  const wrong = answered.findIndex(({ id, name }, at) => id !== called[at]?.id || name !== called[at]?.name);
  return wrong < 0 ? undefined : `function response ${wrong} does not belong to function call ${wrong}`;
}

function partProblem(part: Part, role: string): string | undefined {
  const data = Object.keys(part).filter((member) => !beside.has(member));
  const [kind, second] = data;
  if (kind === undefined || second !== undefined)
    return "required oneof field 'data' must have one initialized field";
  const roles = kinds[kind];
  if (roles === undefined) return `Unknown name "${kind}": Cannot find field.`;
  if (!roles.includes(role)) return `${kind} is not permitted for the role ${role}`;
  const value = part[kind];
  if (kind === "functionCall" || kind === "functionResponse") {
    if (!FUNCTION_NAME.test(String(value?.["name"]))) return `${kind}.name: Name cannot be empty or odd.`;
    const object = value?.[kind === "functionCall" ? "args" : "response"];
    if (typeof object !== "object" || object === null || Array.isArray(object))
      return `${kind}: Proto field is not repeating`;
  }
  const media = kind === "inlineData" || kind === "fileData";
  if (media && !/^\w+\/[\w.+-]+/.test(String(value?.["mimeType"])))
    return `${kind}.mimeType: Unsupported MIME type`;
  return undefined;
}

interface Named {
  readonly id?: unknown;
  readonly name?: unknown;
}

function callsIn(parts: readonly Part[] = [], member: "functionCall" | "functionResponse"): readonly Named[] {
  return parts.flatMap((part) => (part[member] === undefined ? [] : [part[member] as Named]));
}

/** Gemini 3 wants the signature of each step of the turn that is under way. */
function signatureProblem(
  { parts = [], role }: Content,
  model: string,
  current: boolean,
): string | undefined {
  if (!current || role !== "model" || !/gemini-(?:[3-9]|[a-z-]+latest)/.test(model)) return undefined;
  const first = parts.find((part) => part["functionCall"] !== undefined);
  return first === undefined || first["thoughtSignature"] !== undefined
    ? undefined
    : "Function call is missing a thought_signature in functionCall parts.";
}
