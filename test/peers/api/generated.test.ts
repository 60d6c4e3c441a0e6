import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');

function filesIn(directory: string): Record<string, string> {
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  return Object.fromEntries(paths.sort().map((path) => [path, readFileSync(join(directory, path), 'utf8')]));
}

it('the generated code is what the generator makes of the proto files', () => {
  const directory = mkdtempSync(join(tmpdir(), 'qb-gen-'));
  try {
    execFileSync(process.execPath, [join(root, 'proto/generate.mjs'), join(directory, 'gen')], { stdio: 'pipe' });
    expect(filesIn(join(directory, 'gen'))).toEqual(filesIn(join(root, 'src/api/gen')));
  } finally {
    rmSync(directory, { recursive: true });
  }
});
