/** What one generation of Gemini does with those parts of the API that not all have. */
export interface ModelTraits {
  /** Thinking is asked for by a level; where this is false, by a budget of tokens. */
  readonly thinkingLevels: boolean;
  /** A pro model: it cannot be told not to think at all. */
  readonly pro: boolean;
  /** Knows the level between low and high. */
  readonly mediumLevel: boolean;
  /** Refuses earlier calls of its own that come without their signature. */
  readonly signedCalls: boolean;
  /** Takes images and documents inside of a function's response. */
  readonly mediaInResults: boolean;
}

const GENERATION = /gemini-(\d+)(?:\.(\d+))?/;
const LATEST = /gemini-[a-z-]+latest/;

/**
 * The traits of a model, by its name. Gemini 3 brought levels of thinking, signatures that have to come back, and media
 * in results. A tuned model's name says nothing: it is taken to be of an earlier generation.
 */
export function modelTraits(model: string): ModelTraits {
  const [, major, minor] = GENERATION.exec(model) ?? [];
  const latest = major === undefined && LATEST.test(model);
  const third = latest || Number(major ?? 0) >= 3;
  const pro = model.includes("-pro");
  return {
    // Gemini 3 takes budgets as well, so that a moving name ("gemini-flash-latest") is safe with them.
    thinkingLevels: third && !latest,
    pro,
    mediumLevel: !(pro && major === "3" && minor === undefined),
    signedCalls: third,
    mediaInResults: third,
  };
}
