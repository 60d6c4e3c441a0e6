/**
 * A server of one member that a target starts for a round: a fresh process on a fresh directory and free ports, waited for
 * until it is healthy.
 *
 * Promises: its data are removed with the round (should we be killed first, by a server that ends with its stdin), its log
 * stays with the results; no ETCD_* variable of ours reaches it.
 */
import { mkdir, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { ExitCode, Failure } from '../../base/failure.ts';
import { parseEndpoint } from '../../client/endpoint.ts';
import { storageUnder } from '../../metrics/fingerprint.ts';
import { interrupted } from '../control.ts';
import { ChildServer } from './child-server.ts';
import { freePortPair } from './free-port.ts';
import type { RoundRoom, RunningTarget } from './target.ts';

/** 8 GiB, the largest that etcd's documentation suggests: no run ends in NOSPACE. Both kinds of server get it. */
export const quotaBytes = 8_589_934_592;

/** A fresh member elects itself within two election timeouts (2 s); the rest is for a slow disk. */
const readyTimeoutMs = 30_000;
const probeTimeoutMs = 1_000;
/** Each with ports of its own: two programs that look for ports at the same moment may find the same. */
const startAttemptsMax = 5;

/** How a kind of server is started. */
export interface ServerKind {
  /** For messages: `etcd`, `embedded node`. */
  readonly title: string;
  readonly program: string;
  /** Between the program and what a person would type: the script of an interpreter. */
  readonly hiddenArguments: readonly string[];
  /** What `serverCommand` begins with, as a person would type it. */
  readonly shownProgram: readonly string[];
  readonly arguments: (place: ServerPlace) => string[];
  /** Beside our environment without its ETCD_* variables. */
  readonly environment: (place: ServerPlace) => NodeJS.ProcessEnv;
  /** As in ChildCommand. */
  readonly endsWithStdin: boolean;
}

export interface ServerPlace {
  readonly dataDirectory: string;
  readonly clientPort: number;
  readonly peerPort: number;
}

/** `random` gives [0, 1) and picks ports. Throws a Failure, with nothing left behind but the log. */
export async function startServer(kind: ServerKind, room: RoundRoom, random: () => number): Promise<RunningTarget> {
  for (let attempt = 1; ; attempt++) {
    const started = await attemptStart(kind, room, random);
    if (started !== 'port taken') return started;
    if (attempt === startAttemptsMax) throw failedStart(kind, room, `found its ports taken ${attempt} times`);
  }
}

async function attemptStart(
  kind: ServerKind,
  room: RoundRoom,
  random: () => number,
): Promise<RunningTarget | 'port taken'> {
  const dataDirectory = join(room.directory, `${room.label}.data`);
  const [clientPort, peerPort] = await freePortPair(random);
  await mkdir(dataDirectory, { mode: 0o700 });
  const place = { dataDirectory, clientPort, peerPort };
  const child = await startChild(kind, place, room);
  const stop = async (): Promise<void> => {
    await child.stop();
    await rm(dataDirectory, { recursive: true, force: true, maxRetries: 5 }).catch(() => {});
  };
  const url = `http://127.0.0.1:${clientPort}`;
  if (!(await child.waitUntil(() => isHealthy(url), readyTimeoutMs, room.signal))) {
    const tail = await child.logTail(20);
    await stop();
    if (tail.some((line) => line.includes('address already in use'))) return 'port taken';
    if (room.signal.aborted) throw interrupted();
    throw failedStart(kind, room, whyNotReady(child.ended, tail));
  }
  return {
    endpoints: [parseEndpoint(url)],
    serverCommand: [...kind.shownProgram, ...kind.arguments(place)],
    storage: await storageUnder(dataDirectory),
    sharesHost: true,
    pid: child.pid,
    end: child.end,
    disposable: true,
    stop,
  };
}

function startChild(kind: ServerKind, place: ServerPlace, room: RoundRoom): Promise<ChildServer> {
  return ChildServer.start({
    program: kind.program,
    args: [...kind.hiddenArguments, ...kind.arguments(place)],
    environment: { ...cleanEnvironment(process.env), ...kind.environment(place) },
    logPath: logPathOf(room),
    endsWithStdin: kind.endsWithStdin,
  });
}

function logPathOf({ directory, label }: RoundRoom): string {
  return join(directory, `${label}.log`);
}

/** etcd reads every flag from a variable too; a shell set up for etcdctl or an operator's unit would change what we measure. */
export function cleanEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^ETCD(CTL)?_/i.test(name)));
}

/** /health is 200 only once a leader is known and a linearizable read went through. */
function isHealthy(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = request(`${url}/health`, { timeout: probeTimeoutMs, agent: false }, (response) => {
      response.resume();
      response.once('close', () => resolve(response.statusCode === 200));
    });
    probe.once('timeout', () => probe.destroy());
    probe.once('error', () => resolve(false));
    probe.end();
  });
}

/** `ended` is null for a server that still ran; `tail` is the end of its log. */
function whyNotReady(ended: string | null, tail: readonly string[]): string {
  if (ended === null) return 'was not ready in time';
  const fatal =
    tail.findLast((line) => /\b[CFE] \||"level":"(fatal|error|panic)"|panic|fatal/i.test(line)) ?? tail.at(-1);
  return `ended with ${ended}${fatal === undefined ? '' : `: ${logWords(fatal).slice(0, 300)}`}`;
}

/** `msg: error` of a JSON log line; any other line as it is. */
export function logWords(line: string): string {
  try {
    const { msg, error } = JSON.parse(line) as { readonly msg?: unknown; readonly error?: unknown };
    const words = [msg, error].filter((part) => typeof part === 'string');
    return words.length === 0 ? line : words.join(': ');
  } catch {
    return line;
  }
}

function failedStart(kind: ServerKind, room: RoundRoom, why: string): Failure {
  return new Failure('SERVER_START', `the ${kind.title} that was started ${why}`, {
    exitCode: ExitCode.unreachable,
    remedy: `its log is ${logPathOf(room)}`,
  });
}
