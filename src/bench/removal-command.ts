/** What to type when we could not take our keys away: the command names the prefix and nothing else. */

/** `flags` are etcdctl's for the connection, as --cacert=FILE. */
export function removalCommand(prefix: string, endpoints: readonly string[], flags: readonly string[]): string[] {
  return ['etcdctl', `--endpoints=${endpoints.join(',')}`, ...flags, 'del', '--prefix', prefix];
}
