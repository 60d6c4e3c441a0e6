/**
 * `--target etcd[@PATH]`: a real etcd of one member, a fresh process on a fresh directory for every round.
 * Defaults but for the quota and where it listens and stores.
 */
import { basename } from 'node:path';
import { ExitCode, Failure } from '../../base/failure.ts';
import { findProgram } from './program.ts';
import { quotaBytes, startServer, type ServerPlace } from './started-server.ts';
import type { RoundRoom, RunningTarget, Target } from './target.ts';

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
    const program = await this.#binary();
    const kind = {
      title: 'etcd',
      program,
      hiddenArguments: [],
      shownProgram: [basename(program)],
      arguments: etcdArguments,
      environment: () => ({}),
      endsWithStdin: false,
    };
    return startServer(kind, room, this.#random);
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
}

/** Everything that is not etcd's default: where it lives, and the quota. */
export function etcdArguments({ dataDirectory, clientPort, peerPort }: ServerPlace): string[] {
  const client = `http://127.0.0.1:${clientPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  return [
    `--data-dir=${dataDirectory}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    `--quota-backend-bytes=${quotaBytes}`,
  ];
}
