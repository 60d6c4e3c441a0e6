/** The flags of every command: what yargs reads, what help shows, and which word was meant by a mistyped one. */
import type { Flag } from './flags.ts';

const target = 'Target';
const load = 'Load (each overrides the workload file)';
const results = 'Results';

export const runFlags: readonly Flag[] = [
  {
    name: 'target',
    value: 'NAME',
    group: target,
    repeatable: true,
    help: 'embedded (default), etcd, or etcd@PATH of the binary; several run interleaved',
  },
  { name: 'endpoints', value: 'URL,…', group: target, help: 'a cluster that runs already, instead of --target' },
  { name: 'cacert', value: 'FILE', group: target, help: "verify the servers' certificates with this CA (PEM)" },
  { name: 'cert', value: 'FILE', group: target, help: 'client certificate (PEM)' },
  { name: 'key', value: 'FILE', group: target, help: 'its private key (PEM)' },
  { name: 'user', value: 'NAME:PASSWORD', group: target, help: 'authenticate as this user' },
  { name: 'transport', value: 'wire|grpc-js', group: target, help: 'the client under the load; default wire' },
  {
    name: 'prefix',
    value: 'KEY',
    group: target,
    help: 'parent of the random prefix; must be empty; default /quorumbench/',
  },
  {
    name: 'max-bytes',
    value: 'SIZE',
    group: target,
    help: 'stop after writing this much, as 500MB or 2GiB; rounds share it equally',
  },
  { name: 'rounds', value: 'N', group: load, help: 'rounds per target, default 1; more give an interval' },
  { name: 'duration', value: 'TIME', group: load, help: 'of the measured phases, as 30s or 2m' },
  { name: 'rate', value: 'PER-SECOND', group: load, help: 'of the open loop' },
  { name: 'clients', value: 'N', group: load, help: 'requests in flight at most' },
  { name: 'connections', value: 'N', group: load, help: 'TCP connections they share' },
  { name: 'seed', value: 'N', group: load, help: 'of keys, values and arrivals' },
  {
    name: 'set',
    value: 'PATH=VALUE',
    group: load,
    repeatable: true,
    help: 'any field of the file, as values.size=100',
  },
  {
    name: 'out',
    value: 'DIR',
    group: results,
    help: "where results, logs and a started server's data go; default results",
  },
  { name: 'json', value: null, group: results, help: 'print one summary object on stdout, and no progress' },
];

export const reportFlags: readonly Flag[] = [
  { name: 'json', value: null, group: results, help: 'print the summary object on stdout' },
];
