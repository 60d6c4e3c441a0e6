/**
 * The command that ran, with what one flag sets changed. A `--set` wins over the short flags, so those of the same fields
 * are left out.
 */
import { shellLine, withFlag } from '../../base/shell-line.ts';
import type { Phase, Workload } from '../../bench/workload.ts';
import type { TargetEvidence } from './decision.ts';

/** Null when a `--set` of a whole group (`phases[0].arrival={…}`) would win over the flag. */
export function withOption({ result, workload }: TargetEvidence, flag: Flag, value: string): string | null {
  const words = withoutSets(result.command, fieldsOf[flag](workload));
  return words === null ? null : shellLine(withFlag(words, flag, value));
}

/** `fields` are values by path: `{ 'phases[0].count': '500' }`. Null as above. */
export function withFields({ result }: TargetEvidence, fields: Readonly<Record<string, string>>): string | null {
  const words = withoutSets(result.command, Object.keys(fields));
  if (words === null) return null;
  return shellLine([...words, ...Object.entries(fields).flatMap(([path, value]) => ['--set', `${path}=${value}`])]);
}

/** The phases that `--rate` and `--duration` are for, with their places in the workload. */
export function measuredPhases({ phases }: Workload): readonly { readonly phase: Phase; readonly index: number }[] {
  return phases.map((phase, index) => ({ phase, index })).filter(({ phase }) => !phase.warmUp);
}

type Flag = '--clients' | '--duration' | '--rate';

const fieldsOf: Readonly<Record<Flag, (workload: Workload) => readonly string[]>> = {
  '--clients': () => ['clients'],
  '--duration': (workload) => measuredPhases(workload).map(({ index }) => `phases[${index}].duration`),
  '--rate': (workload) => measuredPhases(workload).map(({ index }) => `phases[${index}].arrival.rate`),
};

function withoutSets(words: readonly string[], fields: readonly string[]): readonly string[] | null {
  const ours = fields.map(dotted);
  const paths = words.map((_, at) => settingAt(words, at));
  if (paths.some((path) => path !== null && ours.some((field) => field.startsWith(`${path}.`)))) return null;
  return words.filter((_, at) => {
    const path = paths[at] ?? null;
    return path === null || !ours.some((field) => path === field || path.startsWith(`${field}.`));
  });
}

/** The path of the `--set` that the word at `at` is part of, in either form; null when it is none. */
function settingAt(words: readonly string[], at: number): string | null {
  const word = words[at]!;
  if (word.startsWith('--set=')) return dotted(word.slice('--set='.length));
  if (word === '--set') return dotted(words[at + 1] ?? '');
  return words[at - 1] === '--set' ? dotted(word) : null;
}

/** `phases[0].count=5` and `phases.0.count=5` are phases.0.count. */
function dotted(setting: string): string {
  return setting.replace(/=.*$/s, '').replace(/\[(\d+)\]/g, '.$1');
}
