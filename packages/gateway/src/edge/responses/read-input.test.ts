import type { Message } from "@gatewright/call";
import { describe, expect, test } from "vitest";
import { readInput } from "./read-input.ts";

const text = (said: string) => ({ kind: "text", text: said }) as const;

interface Reading {
  readonly name: string;
  readonly input: readonly unknown[];
  readonly want: readonly Message[];
}

const foreign = { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gAAAAB" };
const later = { ...foreign, encrypted_content: "gatewright:2:signature:x" };
const search = { type: "web_search_call", id: "ws_1", status: "completed" };
const shell = { type: "local_shell_call_output", id: "sh_1", output: "done" };

const readings: readonly Reading[] = [
  {
    name: "messages, with and without their type",
    input: [
      { type: "message", role: "system", content: [{ type: "input_text", text: "a" }] },
      { role: "user", content: "b" },
      { type: "message", role: "assistant", id: "msg_1", status: "completed", content: "c" },
    ],
    want: [
      { role: "system", parts: [text("a")] },
      { role: "user", parts: [text("b")] },
      { role: "assistant", parts: [text("c")] },
    ],
  },
  {
    name: "images, files and sound",
    input: [
      {
        role: "user",
        content: [
          { type: "input_image", image_url: "https://a.example/b.png", detail: "low" },
          { type: "input_image", image_url: "data:image/png;base64,AAAA", detail: null },
          { type: "input_image", file_id: "file-1" },
          {
            type: "input_file",
            file_data: "data:application/pdf;charset=x;base64,JVBERi0=",
            filename: "b.pdf",
          },
          { type: "input_file", file_url: "https://a.example/b.pdf" },
          { type: "input_file", file_id: "file-2" },
          { type: "input_audio", input_audio: { data: "AAAA", format: "mp3" } },
        ],
      },
    ],
    want: [
      {
        role: "user",
        parts: [
          { kind: "image", source: { kind: "url", url: "https://a.example/b.png" }, detail: "low" },
          { kind: "image", source: { kind: "base64", mediaType: "image/png", data: "AAAA" } },
          { kind: "image", source: { kind: "file", id: "file-1" } },
          {
            kind: "document",
            source: { kind: "base64", mediaType: "application/pdf", data: "JVBERi0=" },
            name: "b.pdf",
          },
          { kind: "document", source: { kind: "url", url: "https://a.example/b.pdf" } },
          { kind: "document", source: { kind: "file", id: "file-2" } },
          { kind: "audio", data: "AAAA", format: "mp3" },
        ],
      },
    ],
  },
  {
    name: "marks of prompt caches",
    input: [
      {
        role: "user",
        content: [
          { type: "input_text", text: "a", cache_control: { type: "ephemeral", ttl: "5m" } },
          { type: "input_text", text: "b", prompt_cache_breakpoint: { mode: "explicit" } },
          { type: "input_text", text: "c", prompt_cache_breakpoint: { mode: "explicit", ttl: "30m" } },
        ],
      },
    ],
    want: [
      {
        role: "user",
        parts: [
          { ...text("a"), cache: { ttl: "5m" } },
          { ...text("b"), cache: {} },
          { ...text("c"), cache: { ttl: "1h" } },
        ],
      },
    ],
  },
  {
    name: "one turn of the assistant is one message, and each result of a tool is one",
    input: [
      { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "Hm" }] },
      { role: "assistant", content: [{ type: "output_text", text: "I look.", annotations: [] }] },
      { type: "function_call", id: "fc_1", call_id: "call_1", name: "weather", arguments: "{}" },
      { type: "function_call", call_id: "call_2", name: "clock", arguments: "not JSON" },
      { type: "function_call_output", call_id: "call_2", output: "noon" },
      {
        type: "function_call_output",
        call_id: "call_1",
        output: [
          { type: "input_text", text: "hot" },
          { type: "input_image", image_url: "https://a.example/b.png" },
        ],
      },
      { type: "function_call_output", call_id: "call_0", output: "" },
      { role: "assistant", content: [{ type: "refusal", refusal: "No." }] },
    ],
    want: [
      {
        role: "assistant",
        parts: [
          { kind: "reasoning", text: "Hm" },
          text("I look."),
          { kind: "tool-call", id: "call_1", name: "weather", arguments: "{}" },
          { kind: "tool-call", id: "call_2", name: "clock", arguments: "not JSON" },
        ],
      },
      {
        role: "user",
        parts: [
          { kind: "tool-result", id: "call_2", name: "clock", content: [text("noon")], isError: false },
        ],
      },
      {
        role: "user",
        parts: [
          {
            kind: "tool-result",
            id: "call_1",
            name: "weather",
            content: [
              text("hot"),
              { kind: "image", source: { kind: "url", url: "https://a.example/b.png" } },
            ],
            isError: false,
          },
        ],
      },
      {
        role: "user",
        parts: [{ kind: "tool-result", id: "call_0", content: [text("")], isError: false }],
      },
      { role: "assistant", parts: [{ kind: "refusal", text: "No." }] },
    ],
  },
  {
    name: "reasoning that the model shows goes before its summary; without words it says nothing",
    input: [
      {
        type: "reasoning",
        id: "rs_1",
        summary: [{ type: "summary_text", text: "short" }],
        content: [
          { type: "reasoning_text", text: "long" },
          { type: "reasoning_text", text: "and longer" },
        ],
        encrypted_content: null,
      },
      { type: "reasoning", id: "rs_2", summary: [] },
    ],
    want: [{ role: "assistant", parts: [{ kind: "reasoning", text: "long\n\nand longer" }] }],
  },
  {
    name: "a signature whose call is gone signs no other, and a message without content is none",
    input: [
      { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gatewright:1:call:x" },
      { role: "assistant", content: [] },
      { role: "user", content: "a" },
      { type: "function_call", call_id: "call_1", name: "clock", arguments: "{}" },
    ],
    want: [
      { role: "user", parts: [text("a")] },
      { role: "assistant", parts: [{ kind: "tool-call", id: "call_1", name: "clock", arguments: "{}" }] },
    ],
  },
  {
    name: "reasoning that OpenAI, or a later gateway, encrypted stays its own",
    input: [foreign, later],
    want: [
      {
        role: "assistant",
        parts: [
          { kind: "other", wire: "responses", value: foreign },
          { kind: "other", wire: "responses", value: later },
        ],
      },
    ],
  },
  {
    name: "items of OpenAI's tools stand on the side they come from",
    input: [search, shell],
    want: [
      { role: "assistant", parts: [{ kind: "other", wire: "responses", value: search }] },
      { role: "user", parts: [{ kind: "other", wire: "responses", value: shell }] },
    ],
  },
  {
    name: "annotations are citations",
    input: [
      {
        role: "assistant",
        content: [
          {
            type: "output_text",
            text: "a",
            annotations: [{ type: "url_citation", url: "https://a.example/", title: "A" }],
          },
        ],
      },
    ],
    want: [
      {
        role: "assistant",
        parts: [
          {
            ...text("a"),
            citations: [
              {
                wire: "responses",
                value: { type: "url_citation", url: "https://a.example/", title: "A" },
                url: "https://a.example/",
                title: "A",
              },
            ],
          },
        ],
      },
    ],
  },
];

describe("the items of a conversation become messages", () => {
  test.each(readings)("$name", ({ input, want }) => {
    expect(readInput(input)).toEqual(want);
  });
});
