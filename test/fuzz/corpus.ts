/** Inputs on disk: corpus/<target>.txt, one input a line, its name and its octets in hexadecimal, sorted by name. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export class Corpus {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Every saved input of a target by name; none when it has no file. */
  read(target: string): Map<string, Uint8Array> {
    const lines = textOf(this.#pathOf(target))
      .split('\n')
      .filter((line) => line !== '');
    return new Map(
      lines.map((line) => {
        const [name, hex = ''] = line.split(' ');
        return [name!, new Uint8Array(Buffer.from(hex, 'hex'))];
      }),
    );
  }

  /** Adds inputs, or replaces those of the same names; returns the path. */
  write(target: string, inputs: ReadonlyMap<string, Uint8Array>): string {
    const all = new Map([...this.read(target), ...inputs]);
    const lines = [...all].map(([name, input]) => `${name} ${Buffer.from(input).toString('hex')}`.trimEnd());
    mkdirSync(this.#directory, { recursive: true });
    writeFileSync(this.#pathOf(target), `${lines.sort().join('\n')}\n`);
    return this.#pathOf(target);
  }

  #pathOf(target: string): string {
    return join(this.#directory, `${target}.txt`);
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
