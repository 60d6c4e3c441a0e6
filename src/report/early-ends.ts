/** What cut a target's load short: the verdict is on what was sent, and does not say that there was more to send. */
import { formatCount } from '../base/figures.ts';
import type { RunResult } from '../bench/result.ts';

/** `2 of 3 rounds ended early: …`, once for each reason that `told` does not have; an interrupt says it of itself. */
export function earlyEnds({ rounds }: RunResult, target: string, told: string): readonly string[] {
  const ofTarget = rounds.filter((round) => round.target === target);
  const ends = ofTarget.flatMap(({ earlyEnd }) => (earlyEnd?.reason === 'interrupted' ? [] : (earlyEnd?.words ?? [])));
  return [...new Set(ends)].flatMap((words) => {
    if (told.includes(words)) return [];
    const count = ends.filter((each) => each === words).length;
    const who = ofTarget.length === 1 ? 'the load' : `${count} of ${formatCount(ofTarget.length, 'round')}`;
    return `${who} ended early: ${words}`;
  });
}
