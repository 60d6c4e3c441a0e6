/** Which known word a mistyped one was probably meant to be. */

/** The nearest of `known` within a third of its length in edits; null when none is near. */
export function nearest(typed: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Infinity;
  for (const word of known) {
    const distance = word.startsWith(typed) || typed.startsWith(word) ? 1 : editDistance(typed, word);
    if (distance < bestDistance && distance <= Math.max(2, Math.floor(word.length / 3))) {
      best = word;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein's: insertions, deletions and substitutions from one word to the other. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
