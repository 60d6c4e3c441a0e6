/** Commands as people can paste them into a POSIX shell. */

const harmless = /^[\w@%+=:,./-]+$/;

/** Words joined by spaces, each quoted when the shell would read it as anything but itself. */
export function shellLine(words: readonly string[]): string {
  return words.map((word) => (harmless.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}

/** The command with `flag` (as `--rate`) set to `value`: replaced where it was given, in either form, else appended. */
export function withFlag(words: readonly string[], flag: string, value: string): readonly string[] {
  const kept = words.filter((word, at) => word !== flag && words[at - 1] !== flag && !word.startsWith(`${flag}=`));
  return [...kept, flag, value];
}
