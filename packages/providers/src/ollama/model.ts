const LEVELS = /(?:^|\/)gpt-oss(?:[:-]|$)/;

/** Only gpt-oss, under whatever tag, is told how much to think; other models refuse a level, or take it for `true`. */
export function takesThinkingLevels(model: string): boolean {
  return LEVELS.test(model);
}
