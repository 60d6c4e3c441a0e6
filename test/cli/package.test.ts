/** What npm would ship. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  readonly files: readonly string[];
  readonly bin: Readonly<Record<string, string>>;
};

interface Packed {
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

it('holds all that the manifest names, nothing empty, and no test', () => {
  // Without the scripts: they would build, beside tests that run what is built.
  const text = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ files }] = JSON.parse(text) as [Packed];
  const paths = files.map((file) => file.path);
  const absent = manifest.files.filter(
    (entry) => !paths.some((path) => path === entry || path.startsWith(`${entry}/`)),
  );
  expect({
    absent,
    empty: files.filter((file) => file.size === 0),
    tests: paths.filter((path) => /\btest\b|\.test\./.test(path)),
  }).toEqual({ absent: [], empty: [], tests: [] });
  expect(paths).toEqual(expect.arrayContaining(Object.values(manifest.bin)));
});
