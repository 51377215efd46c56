/** What one Claude does with those parts of the Messages API that not all have. */
export interface ModelTraits {
  /** A budget of tokens (`enabled`), an effort (`adaptive`), `either`, or none at all. */
  readonly thinking: "none" | "budget" | "either" | "adaptive";
  /** How the model is told not to think; some only can be told to think little. */
  readonly thinkingOff: "disabled" | "between_tools" | "low-effort";
  /** Takes temperature and top_p, one of the two, or no parameter of sampling. */
  readonly sampling: "both" | "one" | "none";
  /** Goes on from an assistant message at the end of the conversation. */
  readonly prefill: boolean;
  /** Takes a `tool_choice` that demands a call. */
  readonly forcedTool: boolean;
  /** Takes a schema for its answer, and `strict` tools. */
  readonly structured: boolean;
  /** Takes system messages between the others. */
  readonly systemTurns: boolean;
  /** Knows the effort `xhigh`. */
  readonly xhigh: boolean;
}

/**
 * The first Claude, and models whose names say nothing (aliases, other vendors' models behind this API): the forms that
 * all take, and thinking as it was asked for first.
 */
const unknown: ModelTraits = {
  thinking: "budget",
  thinkingOff: "disabled",
  sampling: "both",
  prefill: true,
  forcedTool: true,
  structured: false,
  systemTurns: false,
  xhigh: false,
};

/** `claude-sonnet-4-5-20250929`, `claude-3-7-sonnet-latest`, `claude-opus-4@20250514`, …: family, major, minor. */
const NAME = /claude-(?:([a-z]+)-)?(\d+)(?:[-.](\d{1,2}))?(?!\d)/;
const ALWAYS_THINKING = /claude-(?:fable|mythos)/;

/**
 * The traits of a model, by its name in any platform's form. From Anthropic's pages on thinking ("Configurations each
 * model rejects", "Sampling parameters"), structured outputs, mid-conversation system messages and the migration guides
 * of each model.
 */
export function modelTraits(model: string): ModelTraits {
  const alwaysThinking = ALWAYS_THINKING.test(model);
  const [, family, major, minor = "0"] = NAME.exec(model) ?? [];
  if (major === undefined && !alwaysThinking) return unknown;
  // The one without a number is Mythos Preview, which came after 4.6.
  const version = major === undefined ? 407 : Number(major) * 100 + Number(minor);
  const newest = version >= 505 && (family === "opus" || family === "sonnet");
  return {
    thinking: thinkingOf(version),
    thinkingOff: thinkingOffOf(alwaysThinking, newest, family),
    sampling: samplingOf(version),
    prefill: version < 406,
    forcedTool: !newest && !(alwaysThinking && version >= 501),
    structured: version >= 405,
    systemTurns: version >= 408,
    xhigh: version >= 407,
  };
}

function thinkingOf(version: number): ModelTraits["thinking"] {
  if (version < 307) return "none";
  if (version < 406) return "budget";
  return version < 407 ? "either" : "adaptive";
}

function thinkingOffOf(
  alwaysThinking: boolean,
  newest: boolean,
  family: string | undefined,
): ModelTraits["thinkingOff"] {
  if (newest && family === "sonnet") return "between_tools";
  return alwaysThinking || newest ? "low-effort" : "disabled";
}

function samplingOf(version: number): ModelTraits["sampling"] {
  if (version < 401) return "both";
  return version < 407 ? "one" : "none";
}
