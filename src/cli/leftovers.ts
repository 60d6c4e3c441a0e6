/** The line about keys that stay behind: how many, under which prefix, why, and the command that removes them by hand. */
import { formatCount } from '../base/figures.ts';
import { shellLine } from '../base/shell-line.ts';
import { removalCommand } from '../bench/removal-command.ts';
import type { RoundResult, TargetInfo } from '../bench/result.ts';

/** Null when the round left nothing. `command` is the one that ran. */
export function leftoverLine(round: RoundResult, target: TargetInfo, command: readonly string[]): string | null {
  const { error, keysLeft } = round.cleanup;
  if (error === null) return null;
  const what = keysLeft === null ? 'keys may be left' : `${formatCount(keysLeft, 'key')} of ours left`;
  const removal = shellLine(removalCommand(round.prefix, target.endpoints, command));
  return `${what} under "${round.prefix}" (${error}); remove them with: ${removal}`;
}
