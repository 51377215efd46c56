export type { ChatAnswer, Choice, FinishReason } from "./chat-answer.ts";
export type {
  AnswerFormat,
  ChatCall,
  ChatOptions,
  FunctionTool,
  Message,
  OtherTool,
  Reasoning,
  Tool,
  ToolChoice,
} from "./chat-call.ts";
export type { ChatEvent, ChatEventSink } from "./chat-event.ts";
export type { EmbeddingAnswer, EmbeddingCall } from "./embedding-call.ts";
export { type CallFailure, isFailure } from "./failure.ts";
export {
  conversationFeatures,
  type Feature,
  type Fidelity,
  featuresOf,
  type Losses,
  lossesOf,
  parameterOf,
  type Treatment,
  type Use,
} from "./feature.ts";
export type { Fields } from "./json.ts";
export type {
  AudioPart,
  CacheMark,
  Citation,
  DocumentPart,
  ImagePart,
  OtherPart,
  Part,
  ReasoningPart,
  RedactedReasoningPart,
  RefusalPart,
  Source,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from "./part.ts";
export { budgetOfEffort, effortOfBudget } from "./reasoning.ts";
export { signedId, splitId } from "./signed-id.ts";
export { tokenCount, tokenUsage, type Usage } from "./usage.ts";
export type { WireName } from "./wire-name.ts";
