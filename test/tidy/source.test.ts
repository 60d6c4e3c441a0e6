/** What no tool knows about our own source. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const skipped = new Set([
  'node_modules',
  'build',
  'dist',
  'dist-test',
  '.git',
  'results',
  'coverage',
  'gen',
  'golden',
  'corpus',
]);

function filesUnder(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    if (skipped.has(name)) return [];
    const path = join(directory, name);
    return statSync(path).isDirectory() ? filesUnder(path) : [path];
  });
}

const textFile = /\.(ts|mjs|json|ya?ml|md|proto|sh)$/;
const files = filesUnder(root).filter((path) => textFile.test(path) && !path.endsWith('package-lock.json'));
const sources = files.filter((path) => path.endsWith('.ts') && relative(root, path).startsWith('src/'));
const text = (path: string) => readFileSync(path, 'utf8');
const names = (paths: string[]) => paths.map((path) => relative(root, path));

describe('source', () => {
  it('was found', () => {
    expect(sources.length).toBeGreaterThan(20);
  });

  it.each([
    { what: 'a to-do', pattern: /\b(TODO|FIXME|XXX)\b/ },
    { what: 'a lint exception', pattern: /eslint-disable|@ts-ignore|@ts-expect-error|@ts-nocheck/ },
    { what: 'a cast to any', pattern: /\bas any\b|as unknown as/ },
    { what: 'a console call', pattern: /\bconsole\.(log|error|warn)\(/ },
    { what: 'a default export', pattern: /^export default/m },
    { what: 'a barrel', pattern: /^export \* from/m },
  ])('holds no $what', ({ pattern }) => {
    expect(names(sources.filter((path) => pattern.test(text(path))))).toEqual([]);
  });

  it('opens every file with what it is for', () => {
    const bare = sources.filter(
      (path) => !/^(#!.*\n)?\/\*\*/.test(text(path)) && !/^\/\*\*/m.test(text(path).slice(0, 1500)),
    );
    expect(names(bare)).toEqual([]);
  });

  it('explains every file of more than 400 lines in its header', () => {
    const long = sources.filter((path) => text(path).split('\n').length > 400);
    expect(
      names(
        long.filter(
          (path) =>
            !/longer than (most|other) files|one file because|one state machine/i.test(text(path).slice(0, 2500)),
        ),
      ),
    ).toEqual([]);
  });

  it('has kebab-case names and no drawer for everything', () => {
    const odd = names(sources).filter(
      (path) => !/^[a-z0-9/-]+\.ts$/.test(path) || /(^|\/)(utils?|helpers?|misc|common)[./]/.test(path),
    );
    expect(odd).toEqual([]);
  });
});

it('commits no skipped or focused test', () => {
  const focused = /\b(it|describe|test)\.(only|skip|todo)\(/;
  const tests = files.filter((path) => path.endsWith('.test.ts'));
  expect(names(tests.filter((path) => focused.test(text(path)) && !path.endsWith('source.test.ts')))).toEqual([]);
});

it('names no place of the machine it was written on', () => {
  const place = new RegExp(['/wo' + 'rk/', '/ro' + 'ot/', '/home/[a-z]+/'].join('|'));
  expect(names(files.filter((path) => place.test(text(path))))).toEqual([]);
});
