/** The text of a file that may be anything: a pipe, a device without an end. */
import { createReadStream } from 'node:fs';

/** Reads `bytesMax` bytes and one more at most: whoever gets more than he wants knows that there is too much. */
export async function readText(path: string, bytesMax: number): Promise<string> {
  let text = '';
  // `end` is the last byte that is read, counted from 0.
  const stream = createReadStream(path, { encoding: 'utf8', end: bytesMax });
  for await (const chunk of stream) text += chunk as string;
  return text;
}
