/** Our bytes through Google's implementation and back: protoc prints them as text, and writes that text as bytes. */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { arbitraryMessage, messageTypes } from '../../tools/api-messages.ts';
import { protoPaths, readProtoSchema } from '../../tools/proto-schema.ts';

const proto = join(import.meta.dirname, '../../../proto');
const schema = readProtoSchema();

function protoc(action: string, name: string, input: Uint8Array): Buffer {
  return execFileSync('protoc', [`-I${proto}`, `--${action}=${name}`, ...protoPaths()], { cwd: proto, input });
}

describe('protoc reads what we write, and we read what it writes', () => {
  it.each([...messageTypes.keys()].sort())('%s', (name) => {
    const message = messageTypes.get(name)!;
    for (const original of fc.sample(arbitraryMessage(schema, name), { numRuns: 1, seed: 42 })) {
      const text = protoc('decode', name, message.encode(original).finish());
      expect(text.toString()).not.toMatch(/^\s*\d+: /m); // a number in place of a name: a field protoc does not know
      expect(message.decode(protoc('encode', name, text))).toEqual(original);
    }
  });
});
