import type {
  CacheMark,
  Citation,
  DocumentPart,
  Fields,
  ImagePart,
  Part,
  Source,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from "@gatewright/call";
import { carriedBy } from "../carried-part.ts";
import {
  invalid,
  isFields,
  listAt,
  missing,
  objectAt,
  optionalFlag,
  optionalList,
  optionalObject,
  optionalText,
  textAt,
} from "../field.ts";

/** Reads texts only, as in system prompts: a text, or blocks. */
export function readTexts(value: unknown, path: string): readonly TextPart[] {
  if (typeof value === "string") return value === "" ? [] : [{ kind: "text", text: value }];
  return listAt(value, path).map((item, index) => {
    const at = `${path}[${index}]`;
    const block = objectAt(item, at);
    if (block["type"] !== "text") invalid(`${at}.type`, "text");
    return textOf(block, at);
  });
}

/** Reads the content of the messages of one conversation, in their order. */
export class ContentReader {
  readonly #toolNames = new Map<string, string>();
  /** Of the tool call that comes next. */
  #callSignature: string | undefined;

  read(value: unknown, path: string): readonly Part[] {
    if (typeof value === "string") return [{ kind: "text", text: value }];
    const parts: Part[] = [];
    for (const [index, item] of listAt(value, path).entries()) {
      const at = `${path}[${index}]`;
      const part = this.#part(objectAt(item, at), at);
      if (part !== undefined) parts.push(part);
    }
    return parts;
  }

  #part(block: Fields, path: string): Part | undefined {
    switch (block["type"]) {
      case "text":
        return textOf(block, path);
      case "image":
        return imageOf(block, path);
      case "document":
        return isOfBlocks(block)
          ? { kind: "other", wire: "anthropic", value: block }
          : documentOf(block, path);
      case "tool_use":
        return this.#call(block, path);
      case "tool_result":
        return this.#result(block, path);
      case "thinking": {
        const signature = optionalText(block["signature"], `${path}.signature`);
        const text = textAt(block["thinking"], `${path}.thinking`);
        return {
          kind: "reasoning",
          text,
          ...(signature === undefined || signature === "" ? {} : { signature }),
        };
      }
      case "redacted_thinking":
        return this.#redacted(textAt(block["data"], `${path}.data`));
      case undefined:
        return missing(`${path}.type`);
      default:
        textAt(block["type"], `${path}.type`);
        return { kind: "other", wire: "anthropic", value: block };
    }
  }

  /** What other APIs need back went out as thinking that only they can read. */
  #redacted(data: string): Part | undefined {
    const carried = carriedBy(data);
    switch (carried?.kind) {
      case undefined:
        return { kind: "redacted-reasoning", data };
      case "call":
        this.#callSignature = carried.signature;
        return undefined;
      case "signature":
        return { kind: "reasoning", text: "", signature: carried.signature };
      default:
        return carried;
    }
  }

  #call(block: Fields, path: string): ToolCallPart {
    const id = textAt(block["id"], `${path}.id`);
    const name = textAt(block["name"], `${path}.name`);
    const input = optionalObject(block["input"], `${path}.input`) ?? {};
    const signature = this.#callSignature;
    this.#callSignature = undefined;
    this.#toolNames.set(id, name);
    return {
      kind: "tool-call",
      id,
      name,
      arguments: JSON.stringify(input),
      ...(signature === undefined ? {} : { signature }),
      ...cacheOf(block),
    };
  }

  #result(block: Fields, path: string): ToolResultPart {
    const id = textAt(block["tool_use_id"], `${path}.tool_use_id`);
    const name = this.#toolNames.get(id);
    return {
      kind: "tool-result",
      id,
      ...(name === undefined ? {} : { name }),
      content: resultContent(block["content"], `${path}.content`),
      isError: optionalFlag(block["is_error"], `${path}.is_error`) ?? false,
      ...cacheOf(block),
    };
  }
}

function resultContent(value: unknown, path: string): ToolResultPart["content"] {
  if (value === undefined || value === null) return [];
  if (typeof value === "string") return value === "" ? [] : [{ kind: "text", text: value }];
  return listAt(value, path).map((item, index) => {
    const at = `${path}[${index}]`;
    const block = objectAt(item, at);
    const type = textAt(block["type"], `${at}.type`);
    if (type === "text") return textOf(block, at);
    if (type === "image") return imageOf(block, at);
    if (type === "document" && !isOfBlocks(block)) return documentOf(block, at);
    // Search results and the like are words for the model, whichever it is.
    return { kind: "text", text: JSON.stringify(block) };
  });
}

function textOf(block: Fields, path: string): TextPart {
  const citations = citationsOf(block["citations"], `${path}.citations`);
  return {
    kind: "text",
    text: textAt(block["text"], `${path}.text`),
    ...(citations.length === 0 ? {} : { citations }),
    ...cacheOf(block),
  };
}

/** Without those that were made up here for citations of other APIs: Anthropic would refuse them. */
function citationsOf(value: unknown, path: string): readonly Citation[] {
  return optionalList(value, path).flatMap((item, index) => {
    const citation = objectAt(item, `${path}[${index}]`);
    return citation["encrypted_index"] === "" ? [] : [{ wire: "anthropic", value: citation } as const];
  });
}

function imageOf(block: Fields, path: string): ImagePart {
  const source = sourceOf(block["source"], `${path}.source`);
  if (source.kind === "text") return invalid(`${path}.source.type`, "base64, url or file");
  return { kind: "image", source, ...cacheOf(block) };
}

/** A document that is put together of blocks, which no other API has. */
function isOfBlocks({ source }: Fields): boolean {
  return isFields(source) && source["type"] === "content" && Array.isArray(source["content"]);
}

function documentOf(block: Fields, path: string): DocumentPart {
  const name = optionalText(block["title"], `${path}.title`);
  const context = optionalText(block["context"], `${path}.context`);
  const citations = optionalObject(block["citations"], `${path}.citations`);
  const cite = optionalFlag(citations?.["enabled"], `${path}.citations.enabled`);
  return {
    kind: "document",
    source: sourceOf(block["source"], `${path}.source`),
    ...(name === undefined ? {} : { name }),
    ...(context === undefined ? {} : { context }),
    ...(cite === undefined ? {} : { cite }),
    ...cacheOf(block),
  };
}

function sourceOf(value: unknown, path: string): Source {
  const source = objectAt(value, path);
  switch (source["type"]) {
    case "base64":
      return {
        kind: "base64",
        mediaType: textAt(source["media_type"], `${path}.media_type`),
        data: textAt(source["data"], `${path}.data`),
      };
    case "url":
      return { kind: "url", url: textAt(source["url"], `${path}.url`) };
    case "file":
      return { kind: "file", id: textAt(source["file_id"], `${path}.file_id`) };
    case "text":
      return { kind: "text", text: textAt(source["data"], `${path}.data`) };
    case "content":
      return { kind: "text", text: textAt(source["content"], `${path}.content`) };
    case undefined:
      return missing(`${path}.type`);
    default:
      return invalid(`${path}.type`, "base64, url, file, text or content");
  }
}

export function cacheOf(block: Fields): { readonly cache?: CacheMark } {
  const mark = block["cache_control"];
  if (!isFields(mark)) return {};
  return { cache: typeof mark["ttl"] === "string" ? { ttl: mark["ttl"] } : {} };
}
