/** `bench report RUN_DIR`: judges and renders a saved run again, with the rules and the looks of this release. */
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../base/failure.ts';
import { readResult } from '../bench/result-file.ts';
import type { Typed } from './command.ts';
import { judgeAndRender } from './run-finish.ts';

/** Exits 0 when the report was made, whatever the verdict: that was the run's to say. */
export async function reportCommand({ positional, flags }: Typed): Promise<number> {
  const [path, ...more] = positional;
  if (path === undefined || more.length > 0) {
    throw new Failure('USAGE', 'bench report needs one run folder', { remedy: 'try bench report results/NAME' });
  }
  const result = await readResult(path);
  const directory = (await stat(path)).isDirectory() ? path : dirname(path);
  await judgeAndRender(result, directory, flags.has('json'));
  return 0;
}
