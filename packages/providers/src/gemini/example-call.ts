import type { ChatCall, Fields, Part } from "@gatewright/call";

/** A call for tests, with what they change. */
export function exampleCall(change: Partial<ChatCall> = {}): ChatCall {
  return {
    kind: "chat",
    from: "openai",
    stream: false,
    messages: [{ role: "user", parts: [said("hi")] }],
    tools: [],
    options: {},
    extra: {},
    ...change,
  };
}

export function said(text: string): Part {
  return { kind: "text", text };
}

/** A body with one text of the user, and what else the tests expect of it. */
export function exampleBody(more: Fields = {}): Fields {
  return { contents: [{ role: "user", parts: [{ text: "hi" }] }], ...more };
}
