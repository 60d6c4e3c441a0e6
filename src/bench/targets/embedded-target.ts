/**
 * `--target embedded`, the default: the suite's own node, started as `bench node` in a process of its own for every round,
 * so that what is measured is a server over a socket.
 */
import { fileURLToPath } from 'node:url';
import { builtFile } from '../../base/built-file.ts';
import { quotaBytes, startServer, type ServerPlace } from './started-server.ts';
import type { RoundRoom, RunningTarget, Target } from './target.ts';

export class EmbeddedTarget implements Target {
  readonly kind = 'embedded';
  readonly name: string;
  readonly #random: () => number;

  /** `random` gives [0, 1) and picks ports. */
  constructor(name: string, random: () => number) {
    this.name = name;
    this.#random = random;
  }

  async check(): Promise<void> {
    builtFile('cli/main.js');
  }

  async start(room: RoundRoom): Promise<RunningTarget> {
    const main = fileURLToPath(builtFile('cli/main.js'));
    const kind = {
      title: 'embedded node',
      program: process.execPath,
      shownProgram: ['bench'],
      arguments: (place: ServerPlace) => ['node', ...nodeArguments(place)],
      hiddenArguments: [main],
      environment: ({ dataDirectory }: ServerPlace) => ({ BENCH_EXIT_WITH_STDIN: dataDirectory }),
      endsWithStdin: true,
    };
    return startServer(kind, room, this.#random);
  }
}

/** Everything that is not the default: where it lives, and the quota, as for a real etcd. */
export function nodeArguments({ dataDirectory, clientPort }: ServerPlace): string[] {
  const client = `http://127.0.0.1:${clientPort}`;
  return [
    `--data-dir=${dataDirectory}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--quota-backend-bytes=${quotaBytes}`,
  ];
}
