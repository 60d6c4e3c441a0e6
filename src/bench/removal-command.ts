/** What to type when we could not take our keys away: the command names the prefix and nothing else. */

/** Those of our flags that are etcdctl's too. */
const connectionFlags = ['--cacert', '--cert', '--key', '--user'];

/** `command` is the one that left the keys: what it connected with, the removal needs again, but for the password. */
export function removalCommand(prefix: string, endpoints: readonly string[], command: readonly string[]): string[] {
  const flags = connectionFlags.flatMap((flag) => {
    const value = valueOf(flag, command);
    return value === null ? [] : [`${flag}=${flag === '--user' ? withoutPassword(value) : value}`];
  });
  return ['etcdctl', `--endpoints=${endpoints.join(',')}`, ...flags, 'del', '--prefix', prefix];
}

/** `--flag VALUE` or `--flag=VALUE`. */
function valueOf(flag: string, command: readonly string[]): string | null {
  const at = command.findIndex((word) => word === flag || word.startsWith(`${flag}=`));
  const word = command[at];
  return word === flag ? (command[at + 1] ?? null) : (word?.slice(flag.length + 1) ?? null);
}

/** etcdctl asks for what is missing. */
function withoutPassword(user: string): string {
  return user.replace(/:.*$/s, '');
}
