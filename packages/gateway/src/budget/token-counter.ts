import { tokensOfLength } from "./token-estimate.ts";

/** Counts tokens of texts as OpenAI's models do. */
type Count = (text: string) => number;

type Encoding = "o200k_base" | "cl100k_base";

/** Longer texts are counted by their length: at 25 MB/s this is 3 ms in which nothing else is served. */
const LONGEST_TEXT = 64 << 10;

/**
 * Counts the tokens of answers whose providers send no usage, with gpt-tokenizer. An encoding takes some 2 MB and
 * tens of milliseconds to load, so it is loaded when it is first needed; until it is there, and for long texts,
 * characters are divided by four.
 */
export class TokenCounter {
  readonly #counts = new Map<Encoding, Count | "loading">();
  readonly #load: (encoding: Encoding) => Promise<Count>;

  constructor(load: (encoding: Encoding) => Promise<Count> = loadEncoding) {
    this.#load = load;
  }

  /** Tokens of `text` in the encoding of `model` (the upstream's id). */
  count(text: string, model: string): number {
    const encoding = encodingOf(model);
    const count = this.#counts.get(encoding);
    if (count === undefined) void this.#begin(encoding);
    if (typeof count !== "function" || text.length > LONGEST_TEXT) return tokensOfLength(text.length);
    return count(text);
  }

  /** Loads the encoding of `model` now; resolves when it is there, or cannot be had. */
  async prepare(model: string): Promise<void> {
    await this.#begin(encodingOf(model));
  }

  async #begin(encoding: Encoding): Promise<void> {
    if (this.#counts.has(encoding)) return;
    this.#counts.set(encoding, "loading");
    try {
      this.#counts.set(encoding, await this.#load(encoding));
    } catch {
      // Stays "loading": the length is good enough, and trying again with every answer is not.
    }
  }
}

/** Models before GPT-4o have their own encoding; all others are nearest to the newer one. */
function encodingOf(model: string): Encoding {
  return /^(gpt-4(?!o|\.|-?o)|gpt-3|text-embedding)/.test(model) ? "cl100k_base" : "o200k_base";
}

async function loadEncoding(encoding: Encoding): Promise<Count> {
  const { count } =
    encoding === "o200k_base" ? await import("./o200k-tokens.ts") : await import("./cl100k-tokens.ts");
  return count;
}
