/** What no tool knows about our own source. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
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
    { what: 'a citation of what only its writer has', pattern: /\(reference[:/]/ },
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

describe('what text points to', () => {
  /** Comments as one line, so that a citation may break where a line ends. */
  const prose = (path: string) => text(path).replace(/\n[ \t]*(?:\*|\/\/)?[ \t]*/g, ' ');
  const matches = (path: string, pattern: RegExp) => [...prose(path).matchAll(pattern)].map((match) => match[1]!);
  const facts = join(root, 'docs/etcd-facts.md');
  const headings = new Set([...text(facts).matchAll(/^### (.+)$/gm)].map(([, heading]) => heading!));
  const cited = (path: string) => matches(path, /etcd-facts\.md, ([\w -]+)/g);

  it('is a heading of docs/etcd-facts.md', () => {
    const citations = files.flatMap((path) => cited(path).map((heading) => ({ path, heading })));
    expect(citations.length).toBeGreaterThan(40);
    const unknown = citations.filter(({ heading }) => !headings.has(heading));
    expect(unknown.map(({ path, heading }) => `${relative(root, path)}: ${heading}`)).toEqual([]);
  });

  it('is every heading of docs/etcd-facts.md: a fact that nobody cites is kept by nobody', () => {
    const used = new Set(files.filter((path) => path !== facts).flatMap(cited));
    expect([...headings].filter((heading) => !used.has(heading))).toEqual([]);
  });

  it('is a file of this repository, or a document of grpc', () => {
    const page = /(?<![\w./@-])((?:[\w.-]+\/)*[\w.-]+\.md|(?:src|test|docs)\/[\w./-]+\.(?:ts|mjs))\b(?![/(])/g;
    const missing = (path: string) =>
      matches(path, page).filter(
        (name) =>
          !name.startsWith('grpc/doc/') && !existsSync(join(root, name)) && !existsSync(join(dirname(path), name)),
      );
    expect(files.flatMap((path) => missing(path).map((name) => `${relative(root, path)}: ${name}`))).toEqual([]);
  });
});
