/**
 * The APIs that chats are written in. `openai` is chat completions, `responses` OpenAI's Responses, `anthropic`
 * Messages, `gemini` Google's generateContent (AI Studio and Vertex), `bedrock` Converse, `cohere` Cohere's v2 chat,
 * `ollama` Ollama's own /api/chat.
 */
export type WireName = "openai" | "responses" | "anthropic" | "gemini" | "bedrock" | "cohere" | "ollama";
