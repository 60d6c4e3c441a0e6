/** The table of flags against itself: what holds for every row. */
import { describe, expect, it } from 'vitest';
import { etcdFlags, flagGroups } from '../../../src/node/config/flag-table.ts';
import { FlagValues } from '../../../src/node/config/flag-values.ts';
import { readNodeConfig } from '../../../src/node/config/node-config.ts';
import { nodeHelp } from '../../../src/cli/node-help.ts';

const flags = [...etcdFlags.values()];

describe('the table of flags', () => {
  it('has all that etcd 3.4 to 3.7 take, each once', () => {
    expect(flags.length).toBe(161);
    expect(flagGroups.flatMap((group) => group.flags).length).toBe(flags.length);
    const keys = flags.map(({ key }) => key).filter((key) => key !== null);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each(flags.filter(({ kind }) => kind !== 'ignored'))('--$name takes its own default', (flag) => {
    const values = new FlagValues();
    expect(values.assign(flag, flag.defaultText)).toBeNull();
    expect(values.differs(flag)).toBe(false);
  });

  it.each(flags.filter(({ kind }) => kind !== 'ignored' && kind !== 'urls'))(
    '--$name starts with its default',
    (flag) => {
      if (['version', 'config-file', 'data-dir'].includes(flag.name)) return;
      expect(readNodeConfig([`--${flag.name}=${flag.defaultText}`], {}, []).kind).toBe('start');
    },
  );

  it('names a successor that exists', () => {
    for (const { successor } of flags) {
      if (successor !== null) expect(etcdFlags.has(/^--([^=]+)/.exec(successor)![1]!)).toBe(true);
    }
  });

  it('is shown by help, every row', () => {
    const help = nodeHelp();
    const shown = flags.filter(({ kind, lastIn }) => kind !== 'ignored' || lastIn !== null);
    expect(shown.filter(({ name }) => !new RegExp(`--${name}\\b`).test(help)).map(({ name }) => name)).toEqual([]);
    expect(help.split('\n').filter((line) => line.length > 200)).toEqual([]);
  });
});
