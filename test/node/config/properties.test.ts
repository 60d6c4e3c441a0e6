/** Whatever is typed, set or written ends in a configuration or in a StartFailure, on one line, and in no other way. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { checkBootstrap } from '../../../src/node/config/initial-cluster.ts';
import { variableOf } from '../../../src/node/config/environment.ts';
import { etcdFlags } from '../../../src/node/config/flag-table.ts';
import { goDurationText, parseGoDurationMs, parseGoInteger } from '../../../src/node/config/go-values.ts';
import { readNodeConfig } from '../../../src/node/config/node-config.ts';
import { StartFailure } from '../../../src/node/config/start-failure.ts';

const folder = mkdtempSync(join(tmpdir(), 'qb-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function outcome(words: readonly string[], environment: NodeJS.ProcessEnv): StartFailure | null {
  try {
    const request = readNodeConfig(words, environment, []);
    if (request.kind === 'start') checkBootstrap(request.config);
    return null;
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(StartFailure);
    return thrown as StartFailure;
  }
}

const flags = [...etcdFlags.values()];
const name = fc.constantFrom(...flags.map((flag) => flag.name).filter((each) => each !== 'config-file'));
const value = fc.oneof(
  fc.string(),
  fc.webUrl(),
  fc.integer().map(String),
  fc.constantFrom(
    '0',
    '-1',
    '0x',
    '1e5',
    'true',
    '5s',
    ',',
    'http://',
    'http://[',
    'http://a:1,',
    'a=b,',
    'unix://x',
    '%',
    '__proto__',
  ),
);

describe('any words', () => {
  it('end in a configuration or in a StartFailure', () => {
    const word = fc.oneof(
      fc.tuple(fc.constantFrom('-', '--', '---'), name, fc.constantFrom('', '='), value).map((parts) => parts.join('')),
      value,
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (words) => void outcome(words, {})),
      { numRuns: 500 },
    );
  });
});

describe('any variables', () => {
  it('end in a configuration or in a StartFailure', () => {
    const variables = fc.dictionary(name.map(variableOf), value, { maxKeys: 5 });
    fc.assert(
      fc.property(variables, (environment) => void outcome([], environment)),
      { numRuns: 300 },
    );
  });
});

describe('any file', () => {
  const path = join(folder, 'any.yaml');
  const read = (text: string): void => {
    writeFileSync(path, text);
    const failure = outcome(['--config-file', path], {});
    if (failure !== null) expect(failure.message).not.toContain('\n');
  };

  it('of any values under known keys', () => {
    const keys = flags.map(({ key }) => key?.split('.')[0]).filter((key) => key !== undefined);
    const document = fc.dictionary(fc.constantFrom(...keys), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 6 });
    fc.assert(
      fc.property(document, (each) => read(JSON.stringify(each))),
      { numRuns: 200 },
    );
  });

  it('of any text', () => {
    const yaml = fc.stringMatching(/^[a-c:\-\s[\]{}&*!|>'"#%@,?0-9\\~]{0,40}$/);
    fc.assert(fc.property(fc.oneof(yaml, fc.string()), read), { numRuns: 200 });
  });
});

describe("Go's numbers", () => {
  it('are read as they are written, in every base', () => {
    const shape = { bits: 64, signed: true } as const;
    fc.assert(
      fc.property(fc.maxSafeInteger(), (n) => {
        const [sign, digits] = n < 0 ? ['-', -n] : ['', n];
        for (const [prefix, base] of [
          ['', 10],
          ['0x', 16],
          ['0X', 16],
          ['0b', 2],
          ['0o', 8],
          ['0', 8],
        ] as const) {
          if (prefix === '0' && n === 0) continue;
          expect(parseGoInteger(`${sign}${prefix}${digits.toString(base)}`, shape)).toBe(n);
        }
      }),
    );
  });

  it('durations are printed as they can be read', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(10 ** 12), max: 10 ** 12 }), (ms) => {
        expect(parseGoDurationMs(goDurationText(ms))).toBe(ms);
      }),
    );
  });

  it.each([
    [0, '0s'],
    [100, '100ms'],
    [1_000, '1s'],
    [1_500, '1.5s'],
    [90_000, '1m30s'],
    [7_200_000, '2h0m0s'],
    [0.25, '250µs'],
    [0.000_001, '1ns'],
    [-1_000, '-1s'],
  ])('%d ms is %s', (ms, text) => expect(goDurationText(ms)).toBe(text));
});
