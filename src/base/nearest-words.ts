/** Which known words a mistyped one was probably meant to be. */

/** At most `most` of `known`, nearest first: what begins alike, or differs by a third of its letters. */
export function nearestWords(typed: string, known: readonly string[], most: number): string[] {
  return known
    .map((word) => ({ word, distance: distanceOf(typed.toLowerCase(), word.toLowerCase()) }))
    .filter(({ word, distance }) => distance <= Math.max(2, Math.floor(word.length / 3)))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ word }) => word);
}

function distanceOf(typed: string, word: string): number {
  if (typed.length > wordLengthMax) return Infinity;
  if (typed !== '' && (word.startsWith(typed) || typed.startsWith(word))) return 1;
  return editDistance(typed, word);
}

/** What is longer was not meant to be a word; the distance costs the product of both lengths. */
const wordLengthMax = 64;

/** Levenshtein's: insertions, deletions and substitutions from one word to the other. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
