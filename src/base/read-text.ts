/** The text of a file, or of standard input, that may be anything: a pipe, a device without an end. */
import { createReadStream } from 'node:fs';

/** Reads `bytesMax` bytes and one more at most: whoever gets more than he wants knows that there is too much. */
export async function readText(path: string, bytesMax: number): Promise<string> {
  let text = '';
  // `end` is the last byte that is read, counted from 0.
  const stream = createReadStream(path, { encoding: 'utf8', end: bytesMax });
  for await (const chunk of stream) text += chunk as string;
  return text;
}

/** The same of standard input; the chunk that is too much comes whole. Its characters are never more than its bytes. */
export async function readStdin(bytesMax: number): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk as string;
    if (text.length > bytesMax) break;
  }
  return text;
}
