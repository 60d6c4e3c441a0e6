/** Workload files: any text is a workload or one line that says why not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { utf8, utf8Text } from '../../../src/base/bytes.ts';
import { Failure } from '../../../src/base/failure.ts';
import { parseWorkload } from '../../../src/bench/workload-file.ts';
import type { FuzzTarget } from '../target.ts';

// The compiled target lies in dist-test/test/fuzz/targets.
const folder = join(import.meta.dirname, '../../../../workloads');
const words = [
  'clients: 1\n',
  'phases:\n',
  '- {',
  '}',
  '*a',
  '&a ',
  '!!',
  ': ',
  '|\n',
  '\t',
  '"',
  '0x',
  '1e9',
  '<<: ',
  '? ',
];

export const workloadFile: FuzzTarget = {
  name: 'workload-file',
  weight: 0.5, // a document tree and a schema: a thousand times a frame's cost
  seeds: ['s', 'put-max', 'mixed'].map((name) => readFileSync(join(folder, `${name}.yaml`))),
  dictionary: words.map(utf8),
  inputBytesMax: 4_096,
  run(input) {
    try {
      return `ok ${parseWorkload(utf8Text(input), 'w.yaml').phases.length} phases`;
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      if (thrown.line.includes('\n')) throw new Error(`more than one line: ${thrown.line}`, { cause: thrown });
      return `refused: ${thrown.line
        .replace(/["“].*/s, '')
        .replace(/\d+/g, 'n')
        .slice(0, 60)}`;
    }
  },
};
