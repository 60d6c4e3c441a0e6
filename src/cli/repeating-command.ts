/** The command that repeats a run, as it stands in its result: what was typed, without the password. */

/** `npmCommand` is npm's own name for what started us: `exec` under npx, where the shell knows no `bench`. */
export function repeatingCommand(words: readonly string[], npmCommand: string | undefined): string[] {
  const program = npmCommand === 'exec' ? ['npx', 'bench'] : ['bench'];
  return [...program, ...words.map((word, at) => withoutPassword(word, words[at - 1] ?? ''))];
}

/** `--user name:secret` and `--user=name:secret`. */
function withoutPassword(word: string, before: string): string {
  if (before === '--user') return word.replace(/:.*$/s, ':PASSWORD');
  return word.replace(/^(--user=[^:]*):.*$/s, '$1:PASSWORD');
}
