/**
 * The order in which targets take turns: A B, B A, A B … (ABBA), so that a drift of the machine (heat, a neighbour, a
 * filling disk) costs each target the same and cancels in the ratio of paired rounds.
 */

export interface Turn {
  /** Which round of its target, from 0. */
  readonly round: number;
  /** Index of the target. */
  readonly target: number;
}

/** `rounds` turns of each of `targets` targets; every second round runs backwards. */
export function abbaOrder(targets: number, rounds: number): Turn[] {
  const turns: Turn[] = [];
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < targets; i++) turns.push({ round, target: round % 2 === 0 ? i : targets - 1 - i });
  }
  return turns;
}
