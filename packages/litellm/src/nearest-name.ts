/** The name that `word` is most likely a slip of; undefined when none is close. */
export function nearestName(word: string, names: Iterable<string>): string | undefined {
  const wanted = simplified(word);
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of names) {
    const distance = editDistance(wanted, simplified(name));
    if (distance <= allowance(name) && (best === undefined || distance < best.distance))
      best = { name, distance };
  }
  return best?.name;
}

/** Two slips in a long word, one in a short one: with more, the suggestion would be a guess. */
function allowance(name: string): number {
  return name.length < 4 ? 0 : name.length < 8 ? 1 : 2;
}

/** `maxRetries`, `max-retries` and `max_retries` are one word. */
function simplified(word: string): string {
  return word.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replaceAll(/[-_ ]+/g, "_");
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one text into the other. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let distance = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        distance = Math.min(distance, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(distance);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}
