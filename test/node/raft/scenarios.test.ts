/** Scenarios in scenarios/*.txt. `REWRITE_SCENARIOS=1` writes the answers anew: commit only a difference you can explain. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { played } from './script.ts';

const directory = join(import.meta.dirname, 'scenarios');

describe('raft scenarios', () => {
  it.each(readdirSync(directory))('%s', (name) => {
    const path = join(directory, name);
    const script = readFileSync(path, 'utf8');
    const now = played(script);
    if (process.env['REWRITE_SCENARIOS'] === '1') writeFileSync(path, now);
    else expect(now).toBe(script);
  });
});
