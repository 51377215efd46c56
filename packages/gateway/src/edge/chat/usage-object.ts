import type { Fields, Usage } from "@gatewright/call";

/** `usage` of a chat completion. What was read from and written to a cache has Anthropic's names beside OpenAI's. */
export function usageObject(usage: Usage): Fields {
  const { audioInput, audioOutput, cachedInput, cacheWriteInput, input, output, reasoning } = usage;
  return {
    completion_tokens: output,
    prompt_tokens: input,
    total_tokens: input + output,
    completion_tokens_details: { reasoning_tokens: reasoning, audio_tokens: audioOutput },
    prompt_tokens_details: {
      cached_tokens: cachedInput,
      audio_tokens: audioInput,
      ...(cacheWriteInput === 0 ? {} : { cache_write_tokens: cacheWriteInput }),
    },
    ...(cacheWriteInput + cachedInput === 0
      ? {}
      : { cache_creation_input_tokens: cacheWriteInput, cache_read_input_tokens: cachedInput }),
  };
}
