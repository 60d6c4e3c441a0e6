/** `bench node --help` and `--version`, from the table of flags: etcd's layout, so that those who know it find their way. */
import { flagGroups, type EtcdFlag, type FlagEffect } from '../node/config/flag-table.ts';
import { etcdVersion } from '../node/releases.ts';
import { toolName, toolVersion } from './tool-version.ts';

/** The first lines of the help, and all that a mistyped flag is answered with. */
export const nodeUsage = `Usage:

  bench node [flags]
    Start a cluster of one member that speaks etcd's key-value API.
    Every flag is also a variable: ETCD_DATA_DIR for --data-dir.

  bench node --config-file FILE
    Read all of that from a YAML or JSON file; other flags and variables are ignored then.

  bench node --help
    Show the flags.
`;

const examples = `Examples:
  bench node --data-dir /var/lib/infra0
  bench node --name infra0 --initial-advertise-peer-urls http://10.0.0.5:2380 \\
    --listen-client-urls http://10.0.0.5:2379 --advertise-client-urls http://10.0.0.5:2379

Exit codes: 1 it could not start or go on, 2 a flag cannot be read; SIGTERM and SIGINT end it by that signal.
`;

export function nodeHelp(): string {
  const groups = flagGroups.filter(({ title }) => title !== 'Retired');
  const current = groups.flatMap(({ flags }) => flags.filter(({ kind }) => kind !== 'ignored'));
  const shown = groups.map(({ title, flags }) => groupText(title, withEffect(flags, 'built')));
  const retired = flagGroups.flatMap(({ flags }) => flags.filter(({ lastIn }) => lastIn !== null));
  return [
    nodeUsage,
    examples,
    ...shown.filter((text) => text !== ''),
    namesText('Taken without effect, for scripts that set them', withEffect(current, 'idle')),
    namesText('Not built yet; anything but the default stops the start', withEffect(current, 'later')),
    namesText('Retired; taken with a warning', retired),
  ].join('\n');
}

function withEffect(flags: readonly EtcdFlag[], effect: FlagEffect): readonly EtcdFlag[] {
  return flags.filter((flag) => flag.effect === effect);
}

function groupText(title: string, flags: readonly EtcdFlag[]): string {
  if (flags.length === 0) return '';
  return `${title}:\n${flags.map(flagText).join('')}`;
}

function flagText({ name, defaultText, help }: EtcdFlag): string {
  return `  --${name} '${defaultText}'\n    ${help}\n`;
}

const widthMax = 100;

function namesText(title: string, flags: readonly EtcdFlag[]): string {
  const lines: string[] = [];
  for (const { name } of flags) {
    const word = `--${name}`;
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > widthMax) lines.push(`  ${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return `${title}:\n${lines.join('\n')}\n`;
}

/** The four lines of etcd's, the first of which tools read. */
export function nodeVersionText(): string {
  const platform = `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`;
  return [
    `etcd Version: ${etcdVersion}`,
    `Git SHA: none (${toolName} ${toolVersion()})`,
    `Go Version: none (Node.js ${process.version})`,
    `Go OS/Arch: ${platform}`,
    '',
  ].join('\n');
}
