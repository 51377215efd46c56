import { anthropicWire } from "./anthropic-wire.ts";
import { bedrockWire } from "./bedrock-wire.ts";
import { cohereWire } from "./cohere-wire.ts";
import { geminiWire } from "./gemini-wire.ts";
import { ollamaWire } from "./ollama-wire.ts";
import { openaiWire } from "./openai-wire.ts";
import { responsesWire } from "./responses-wire.ts";
import type { FakeWire } from "./wire.ts";

/** Every wire the fake speaks; a path belongs to the first that knows it. */
export const wires: readonly FakeWire[] = [
  openaiWire,
  bedrockWire,
  responsesWire,
  anthropicWire,
  geminiWire,
  cohereWire,
  ollamaWire,
];
