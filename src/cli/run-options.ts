/** The flags of `bench run`, and what they amount to once each was checked. */
import { Failure } from '../base/failure.ts';
import type { OverrideTexts } from '../bench/workload-overrides.ts';
import type { User } from '../client/token-source.ts';
import { parseEndpoints, type Endpoint } from '../client/endpoint.ts';
import type { TlsSettings, TransportName } from '../client/channel.ts';
import { byteSize, oneOf, wholeNumber } from './flag-values.ts';
import type { TypedFlags } from './flags.ts';
import { pemFlagNames, readPemFiles } from './pem-files.ts';

export interface RunOptions {
  readonly workloadFile: string;
  readonly targets: readonly string[];
  readonly endpoints: readonly Endpoint[] | null;
  readonly tls: TlsSettings | null;
  readonly user: User | null;
  readonly transport: TransportName;
  readonly prefix: string | null;
  readonly maxBytes: number | null;
  readonly rounds: number;
  readonly overrides: OverrideTexts;
  readonly out: string;
  readonly json: boolean;
}

/** The overrides for the result: `--rate 500`, `--set values.size=100`. */
export function overridesAsGiven({ set, ...short }: OverrideTexts): string[] {
  const flags = Object.entries(short).flatMap(([name, text]) => (text === null ? [] : [`--${name} ${text}`]));
  return [...flags, ...set.map((text) => `--set ${text}`)];
}

/** Reads the PEM files too. Throws a Failure for the first thing that is wrong. */
export async function readRunOptions(positional: readonly string[], flags: TypedFlags): Promise<RunOptions> {
  const [workloadFile, ...more] = positional;
  if (workloadFile === undefined) throw usage('bench run needs a workload file', 'try bench run workloads/s.yaml');
  if (more.length > 0) throw usage(`one workload file at a time: "${more[0]}" is too many`, 'see bench run --help');
  const tls = (await readPemFiles(flags)) ?? systemTls(flags);
  const endpoints = flags.text('endpoints');
  const maxBytes = flags.text('max-bytes');
  const rounds = flags.text('rounds');
  const transport = flags.text('transport');
  refuseWithoutEndpoints(flags);
  return {
    workloadFile,
    targets: flags.all('target'),
    endpoints: endpoints === null ? null : parseEndpoints(endpoints, tls !== null),
    tls,
    user: readUser(flags.text('user')),
    transport: transport === null ? 'wire' : oneOf('--transport', transport, ['wire', 'grpc-js']),
    prefix: flags.text('prefix'),
    maxBytes: maxBytes === null ? null : byteSize('--max-bytes', maxBytes),
    rounds: rounds === null ? 1 : wholeNumber('--rounds', rounds, { min: 1, max: 1000 }),
    overrides: readOverrides(flags),
    out: flags.text('out') ?? 'results',
    json: flags.has('json'),
  };
}

function readOverrides(flags: TypedFlags): OverrideTexts {
  return {
    duration: flags.text('duration'),
    rate: flags.text('rate'),
    clients: flags.text('clients'),
    connections: flags.text('connections'),
    seed: flags.text('seed'),
    set: flags.all('set'),
  };
}

/** A server that we start speaks plain HTTP on loopback and knows no users. */
function refuseWithoutEndpoints(flags: TypedFlags): void {
  if (flags.has('endpoints')) return;
  const lost = [...pemFlagNames, 'user'].find((name) => flags.has(name));
  if (lost !== undefined)
    throw usage(`--${lost} goes with --endpoints`, 'a server that bench starts has no TLS and no users');
}

function readUser(text: string | null): User | null {
  if (text === null) return null;
  const colon = text.indexOf(':');
  if (colon < 1) throw usage('--user is not NAME:PASSWORD', 'write --user root:secret');
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** https without any file of ours: the system's certificate authorities. */
function systemTls(flags: TypedFlags): TlsSettings | null {
  if (!/(^|,)\s*(https|unixs):/.test(flags.text('endpoints') ?? '')) return null;
  return { caPem: null, certPem: null, keyPem: null, serverName: null, insecureSkipVerify: false };
}

function usage(message: string, remedy: string): Failure {
  return new Failure('USAGE', message, { remedy });
}
