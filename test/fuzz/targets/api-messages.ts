/** Every generated decoder: the first byte says which message the rest is. What it reads must survive a round trip. */
import { deepStrictEqual } from 'node:assert';
import fc from 'fast-check';
import { DecodeError } from '../../../src/api/decode-error.ts';
import { concatBytes } from '../../../src/base/bytes.ts';
import { arbitraryMessage, messageTypes } from '../../tools/api-messages.ts';
import { readProtoSchema } from '../../tools/proto-schema.ts';
import { fromHex } from '../check.ts';
import type { FuzzTarget } from '../target.ts';

const names = [...messageTypes.keys()].sort();
const schema = readProtoSchema();

export const apiMessages: FuzzTarget = {
  name: 'api-messages',
  weight: 3,
  seeds: names.map((name, i) => {
    const [message] = fc.sample(arbitraryMessage(schema, name), { numRuns: 1, seed: 1 });
    return concatBytes([Uint8Array.of(i), messageTypes.get(name)!.encode(message!).finish()]);
  }),
  dictionary: [
    'ffffffffffffffffff01',
    '80808080808080808001',
    'ffffffff0f',
    '0a00',
    '1200',
    '7b7c',
    'efbbbf',
    'c080',
  ].map(fromHex),
  run: (input) => {
    const name = names[(input[0] ?? 0) % names.length]!;
    const message = messageTypes.get(name)!;
    try {
      const decoded = message.decode(input.subarray(1));
      deepStrictEqual(message.decode(message.encode(decoded).finish()), decoded);
      return `${name} ok`;
    } catch (thrown) {
      if (!(thrown instanceof DecodeError)) throw thrown;
      return `${name} refused: ${thrown.message.replace(/ at byte .*/, '')}`;
    }
  },
};
