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
  {
    name: 'cacert',
    value: 'FILE',
    group: target,
    help: "verify the servers' certificates with this CA (PEM); default the system's",
  },
  { name: 'cert', value: 'FILE', group: target, help: 'client certificate (PEM)' },
  { name: 'key', value: 'FILE', group: target, help: 'its private key (PEM)' },
  { name: 'user', value: 'NAME:PASSWORD', group: target, help: 'authenticate as this user' },
  {
    name: 'transport',
    value: 'wire|grpc-js',
    group: target,
    help: 'client library of the load: wire (default, ours) or grpc-js, to compare',
  },
  {
    name: 'prefix',
    value: 'KEY',
    group: target,
    help: 'put the random prefix of a round below this one, which must be empty, instead of /quorumbench/',
  },
  {
    name: 'max-bytes',
    value: 'SIZE',
    group: target,
    help: 'stop after writing this much, as 500MB or 2GiB; rounds share it equally',
  },
  { name: 'rounds', value: 'N', group: target, help: 'rounds per target, default 1; more give an interval' },
  { name: 'duration', value: 'TIME', group: load, help: 'of each phase but warm-ups, as 30s or 2m' },
  { name: 'rate', value: 'PER-SECOND', group: load, help: 'requests per second of an open loop' },
  { name: 'clients', value: 'N', group: load, help: 'requests in flight at most' },
  { name: 'connections', value: 'N', group: load, help: 'TCP connections that they share, at most one for each' },
  { name: 'seed', value: 'N', group: load, help: 'the same seed sends the same requests at the same times' },
  {
    name: 'set',
    value: 'PATH=VALUE',
    group: load,
    repeatable: true,
    help: 'any field of the file, as values.size=4KiB',
  },
  {
    name: 'out',
    value: 'DIR',
    group: results,
    help: "where results, logs and a started server's data go, and so the disk to measure; default results",
  },
  { name: 'json', value: null, group: results, help: 'print one summary object on stdout, and no progress' },
];

export const reportFlags: readonly Flag[] = [
  { name: 'json', value: null, group: results, help: 'print the summary object on stdout' },
];
