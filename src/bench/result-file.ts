/** Reading and writing `result.json`: whole or not at all, any older format, and one clear line for everything else. */
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../base/failure.ts';
import { systemReason } from '../base/system-reason.ts';
import type { RunResult } from './result.ts';
import { checkResultShape } from './result-shape.ts';
import { upgradeDocument, type AnyDocument } from './result-upgrade.ts';
import { writeFileWhole } from './run-directory.ts';

/** A run of 1,000 rounds is about 100 MB; more than this is not a result file. */
const resultBytesMax = 256 * 1024 * 1024;

export async function writeResult(directory: string, result: RunResult): Promise<string> {
  const path = join(directory, 'result.json');
  await writeFileWhole(path, `${JSON.stringify(result)}\n`);
  return path;
}

/** `path` is a run's folder or the file itself. Throws a Failure RESULT_FILE or RESULT_VERSION. */
export async function readResult(path: string): Promise<RunResult> {
  const file = await resultPath(path);
  return parseResult(await readBounded(file), file);
}

/** `name` stands in the message. */
export function parseResult(text: string, name: string): RunResult {
  const document = upgradeDocument(parseObject(text, name));
  const fault = checkResultShape(document);
  if (fault !== null) throw broken(name, fault);
  return document as object as RunResult;
}

async function resultPath(path: string): Promise<string> {
  try {
    return (await stat(path)).isDirectory() ? join(path, 'result.json') : path;
  } catch (thrown) {
    throw broken(path, systemReason(thrown));
  }
}

async function readBounded(path: string): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      if ((await file.stat()).size > resultBytesMax) throw broken(path, 'it is larger than any result');
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    throw broken(path, systemReason(thrown));
  }
}

function parseObject(text: string, name: string): AnyDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw broken(name, 'it is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw broken(name, 'it is not an object');
  return value as AnyDocument;
}

function broken(name: string, why: string): Failure {
  return new Failure('RESULT_FILE', `cannot read the result ${name}: ${why}`, {
    remedy: 'give a folder that bench run has written',
  });
}
