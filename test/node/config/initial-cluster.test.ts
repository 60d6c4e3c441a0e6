/** What is verified of the initial cluster when there is no data yet, in etcd's words. */
import { describe, expect, it } from 'vitest';
import { checkBootstrap } from '../../../src/node/config/initial-cluster.ts';
import { readNodeConfig } from '../../../src/node/config/node-config.ts';
import { StartFailure } from '../../../src/node/config/start-failure.ts';

function check(...words: readonly string[]): string {
  const request = readNodeConfig(words, {}, []);
  if (request.kind !== 'start') throw new Error(request.kind);
  try {
    checkBootstrap(request.config);
    return '';
  } catch (thrown) {
    if (thrown instanceof StartFailure) return `${thrown.shape}: ${thrown.message}`;
    throw thrown;
  }
}

const x = ['--name=x', '--initial-advertise-peer-urls=http://127.0.0.1:1'];

describe('the initial cluster', () => {
  it.each([
    ['is this member by default', [], ''],
    ['follows a name of its own', x, ''],
    ['may name this member alone', [...x, '--initial-cluster=x=http://127.0.0.1:1'], ''],
    [
      'may name it with several URLs',
      [
        '--name=x',
        '--initial-advertise-peer-urls=http://a:1,http://b:1',
        '--initial-cluster=x=http://b:1,x=http://a:1',
      ],
      '',
    ],
    [
      'does not follow the default name',
      ['--initial-advertise-peer-urls=http://127.0.0.1:1'],
      'start: --initial-cluster has default=http://localhost:2380 but missing from --initial-advertise-peer-urls=http://127.0.0.1:1 (resolved urls: "http://127.0.0.1:1" != "http://localhost:2380")',
    ],
    [
      'must name this member',
      [...x, '--initial-cluster=y=http://127.0.0.1:1'],
      `start: couldn't find local name "x" in the initial cluster configuration`,
    ],
    [
      'must have what is advertised',
      [...x, '--initial-cluster=x=http://127.0.0.1:2'],
      'start: --initial-cluster has x=http://127.0.0.1:2 but missing from --initial-advertise-peer-urls=http://127.0.0.1:1 (resolved urls: "http://127.0.0.1:1" != "http://127.0.0.1:2")',
    ],
    [
      'must have no more than that',
      [...x, '--initial-cluster=x=http://127.0.0.1:1,x=http://127.0.0.1:2'],
      'start: --initial-cluster has x=http://127.0.0.1:2 but missing from --initial-advertise-peer-urls=http://127.0.0.1:1 (len(["http://127.0.0.1:1"]) != len(["http://127.0.0.1:1" "http://127.0.0.1:2"]))',
    ],
    [
      'must have all of it',
      ['--name=x', '--initial-advertise-peer-urls=http://a:1,http://b:1', '--initial-cluster=x=http://a:1'],
      'start: --initial-advertise-peer-urls has http://b:1 but missing from --initial-cluster=x=http://a:1,x=http://b:1',
    ],
    [
      'has each URL once',
      [...x, '--initial-cluster=x=http://127.0.0.1:1,y=http://127.0.0.1:1'],
      'start: initial cluster x=http://127.0.0.1:1,y=http://127.0.0.1:1 has duplicate url',
    ],
    [
      'is name=url',
      [...x, '--initial-cluster=foo'],
      'start: error setting up initial cluster: URL scheme must be http, https, unix, or unixs: ',
    ],
    [
      'has one member so far',
      [...x, '--initial-cluster=x=http://127.0.0.1:1,y=http://127.0.0.1:2'],
      'verify: --initial-cluster with several members is not built yet: name this one alone',
    ],
    [
      'cannot be joined alone',
      [...x, '--initial-cluster-state=existing'],
      'start: cannot fetch cluster info from peer urls: could not retrieve cluster information from the given URLs',
    ],
  ] as const)('%s', (_what, words, expected) => {
    expect(check(...words)).toBe(expected);
  });
});
