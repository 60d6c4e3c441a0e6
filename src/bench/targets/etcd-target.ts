/**
 * `--target etcd[@PATH]`: a real etcd of one member, a fresh process on a fresh directory for every round.
 *
 * Promises: defaults but for the quota (8 GiB, so that no run ends in NOSPACE) and where it listens and stores; no
 * ETCD_* variable of ours reaches it; its data are removed with the round, its log stays with the results.
 */
import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { request } from 'node:http';
import { ExitCode, Failure } from '../../base/failure.ts';
import { parseEndpoint } from '../../client/endpoint.ts';
import { interrupted } from '../control.ts';
import { storageUnder } from '../../metrics/fingerprint.ts';
import { ChildServer } from './child-server.ts';
import { freePortPair } from './free-port.ts';
import { findProgram } from './program.ts';
import type { RoundRoom, RunningTarget, Target } from './target.ts';

/** 8 GiB, the largest that etcd's documentation suggests. */
export const etcdQuotaBytes = 8_589_934_592;

/** A fresh member elects itself within two election timeouts (2 s); the rest is for a slow disk. */
const readyTimeoutMs = 30_000;
const probeTimeoutMs = 1_000;
/** Each with ports of its own: two programs that look for ports at the same moment may find the same. */
const startAttemptsMax = 5;

export class EtcdTarget implements Target {
  readonly kind = 'etcd';
  readonly name: string;
  readonly #path: string | null;
  readonly #random: () => number;

  /** `path` is the binary, or null to look in PATH; `random` gives [0, 1) and picks ports. */
  constructor(name: string, path: string | null, random: () => number) {
    this.name = name;
    this.#path = path;
    this.#random = random;
  }

  async check(): Promise<void> {
    await this.#binary();
  }

  async start(room: RoundRoom): Promise<RunningTarget> {
    const binary = await this.#binary();
    for (let attempt = 1; ; attempt++) {
      const started = await this.#attempt(binary, room);
      if (started !== 'port taken') return started;
      if (attempt === startAttemptsMax) throw failedStart(room, `found its ports taken ${attempt} times`);
    }
  }

  async #binary(): Promise<string> {
    const binary = await findProgram(this.#path ?? 'etcd');
    if (binary !== null) return binary;
    if (this.#path !== null) {
      throw new Failure('ETCD_MISSING', `--target etcd@${this.#path}: no such executable file`, {
        exitCode: ExitCode.unreachable,
        remedy: 'give the path of an etcd binary',
      });
    }
    throw new Failure('ETCD_MISSING', '--target etcd: etcd is not installed (no "etcd" in PATH)', {
      exitCode: ExitCode.unreachable,
      remedy: "install Debian's package etcd-server, or name a binary with --target etcd@PATH",
    });
  }

  async #attempt(binary: string, room: RoundRoom): Promise<RunningTarget | 'port taken'> {
    const dataDirectory = join(room.directory, `${room.label}.data`);
    await mkdir(dataDirectory, { mode: 0o700 });
    const [clientPort, peerPort] = await freePortPair(this.#random);
    const args = etcdArguments(dataDirectory, clientPort, peerPort);
    const logPath = join(room.directory, `${room.label}.log`);
    const child = await ChildServer.start({
      program: binary,
      args,
      environment: cleanEnvironment(process.env),
      logPath,
    });
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
      throw failedStart(room, child.ended === null ? 'was not ready in time' : startError(child.ended, tail));
    }
    const storage = await storageUnder(dataDirectory);
    return {
      endpoints: [parseEndpoint(url)],
      serverCommand: [basename(binary), ...args],
      storage,
      sharesHost: true,
      pid: child.pid,
      ended: () => child.ended,
      disposable: true,
      stop,
    };
  }
}

/** Everything that is not etcd's default: where it lives, and the quota. */
export function etcdArguments(dataDirectory: string, clientPort: number, peerPort: number): string[] {
  const client = `http://127.0.0.1:${clientPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  return [
    `--data-dir=${dataDirectory}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    `--quota-backend-bytes=${etcdQuotaBytes}`,
  ];
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

function startError(ended: string, tail: readonly string[]): string {
  const fatal =
    tail.findLast((line) => /\b[CFE] \||"level":"(fatal|error|panic)"|panic|fatal/i.test(line)) ?? tail.at(-1);
  return `ended with ${ended}${fatal === undefined ? '' : `: ${fatal.slice(0, 300)}`}`;
}

function failedStart(room: RoundRoom, why: string): Failure {
  return new Failure('ETCD_START', `the etcd that was started ${why}`, {
    exitCode: ExitCode.unreachable,
    remedy: `its log is ${join(room.directory, `${room.label}.log`)}`,
  });
}
