import { type Leaf, number } from "./leaf.ts";

/** What is counted, by the stem of the price's key. */
const units = {
  input_cost_per_token: "per prompt token",
  output_cost_per_token: "per completion token",
  input_cost_per_second: "per second of input",
  output_cost_per_second: "per second of output",
  input_cost_per_character: "per character of the prompt",
  output_cost_per_character: "per character of the answer",
  input_cost_per_query: "per query",
  input_cost_per_request: "per request",
  input_cost_per_image: "per image of the prompt",
  output_cost_per_image: "per image made",
  input_cost_per_pixel: "per pixel of input",
  output_cost_per_pixel: "per pixel made",
  input_cost_per_audio_token: "per audio token of the prompt",
  output_cost_per_audio_token: "per audio token of the answer",
  input_cost_per_image_token: "per image token of the prompt",
  output_cost_per_image_token: "per image token of the answer",
  input_cost_per_audio_per_second: "per second of audio in the prompt",
  input_cost_per_video_per_second: "per second of video in the prompt",
  output_cost_per_video_per_second: "per second of video made",
  output_cost_per_reasoning_token: "per reasoning token",
  cache_read_input_token_cost: "per prompt token read from the provider's cache",
  cache_creation_input_token_cost: "per prompt token written to the provider's cache",
  cache_creation_input_token_cost_above_1hr: "per prompt token cached for more than an hour",
  cache_read_input_audio_token_cost: "per audio token read from the provider's cache",
  cache_creation_input_audio_token_cost: "per audio token written to the provider's cache",
} as const;

/** When a price differs from the plain one. */
const variants = {
  above_128k_tokens: "above 128,000 prompt tokens",
  above_200k_tokens: "above 200,000 prompt tokens",
  above_272k_tokens: "above 272,000 prompt tokens",
  batches: "in batches",
  priority: "in the priority service tier",
  flex: "in the flex service tier",
} as const;

const varied = [
  "input_cost_per_token",
  "output_cost_per_token",
  "cache_read_input_token_cost",
  "cache_creation_input_token_cost",
] as const;

type PriceName = keyof typeof units | `${(typeof varied)[number]}_${keyof typeof variants}`;

/**
 * Prices that replace those of the price map, in US dollars (litellm.md §2.1, §4.7); the same members in
 * `litellm_params` and in `model_info`.
 */
export const priceMembers = Object.fromEntries([
  ...Object.entries(units).map(([name, unit]) => [name, number(`US dollars ${unit}`)]),
  ...varied.flatMap((name) =>
    Object.entries(variants).map(([variant, when]) => [
      `${name}_${variant}`,
      number(`US dollars ${units[name]}, ${when}`),
    ]),
  ),
]) as { readonly [N in PriceName]: Leaf<number> };
