import type { ChatTraits } from "../openai/traits.ts";
import type { Operation } from "../provider.ts";

/** What tells one OpenAI-compatible provider from another. */
export interface Row {
  /** LiteLLM's prefix; in upper case the stem of the variables `<STEM>_API_KEY` and `<STEM>_API_BASE`. */
  readonly name: string;
  /** As error texts have it, when that is not the name with a capital. */
  readonly title?: string;
  readonly aliases?: readonly string[];
  /** Absent where everybody has an address of their own. */
  readonly baseUrl?: string;
  /** What comes after the address that users write, unless it ends in `/v1` already. */
  readonly version?: string;
  /** Variables, where they are other ones than those of the stem. */
  readonly keys?: readonly string[];
  readonly bases?: readonly string[];
  /** Servers that run at home mostly want none. */
  readonly keyRequired?: false;
  /** Operations it serves beside chats, in OpenAI's form. */
  readonly passes?: readonly Operation[];
  /** No chats: only what `passes` says. */
  readonly chats?: false;
  /** What its chats have other than most do (`compatibleTraits`). */
  readonly quirks?: Partial<ChatTraits>;
  /** As in `Provider`. */
  readonly streamOptions?: false;
}
