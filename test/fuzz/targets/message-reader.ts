/** gRPC messages out of DATA payloads cut anywhere, against a reading of the whole input at once. */
import { createRandom } from '../../../src/base/random.ts';
import { ByteAccount, ByteBudget } from '../../../src/wire/byte-budget.ts';
import { MessageReader, Read } from '../../../src/wire/message-reader.ts';
import { check, fromHex } from '../check.ts';
import type { FuzzTarget } from '../target.ts';

const messageBytesMax = 300;

/** The first octet of an input decides where it is cut. */
export const messageReader: FuzzTarget = {
  name: 'message-reader',
  weight: 12,
  seeds: [
    fromHex('01' + '0000000003616263'),
    fromHex('07' + '0000000000' + '000000000461626364'),
    fromHex('02' + '00'),
  ],
  dictionary: ['00000000', '0000000001', '0100000000', '000000012c', '000000012d', '00ffffffff'].map(fromHex),
  run,
};

function run(input: Uint8Array): string {
  const budget = new ByteBudget(1 << 20);
  const account = new ByteAccount(1 << 20, budget);
  const reader = new MessageReader(messageBytesMax, account);
  const body = input.subarray(1);
  const found: string[] = [];
  const verdict = readInPieces(reader, body, input[0] ?? 0, found, account);
  check(found.join() === expected(body, verdict).join(), 'messages depend on where payloads are cut');
  reader.close();
  check(account.usedBytes === 0 && budget.usedBytes === 0, 'a closed reader has given all bytes back');
  return `${verdict} after ${Math.min(found.length, 8)}`;
}

function readInPieces(
  reader: MessageReader,
  body: Uint8Array,
  cuts: number,
  found: string[],
  account: ByteAccount,
): Read {
  const random = createRandom(cuts);
  for (let at = 0; at < body.length;) {
    const end = Math.min(body.length, at + 1 + random.below(cuts + 1));
    reader.feed(body, at, end);
    for (let read = reader.next(); read !== Read.More; read = reader.next()) {
      if (read !== Read.Message) return read;
      found.push(Buffer.from(reader.message).toString('hex'));
    }
    // Growth doubles, but never past what was announced.
    check(account.usedBytes <= messageBytesMax, 'no more is kept than one message');
    at = end;
  }
  return Read.More;
}

/** The same input read in one go, by the definition; stops where a prefix is wrong. */
function expected(body: Uint8Array, verdict: Read): string[] {
  const found: string[] = [];
  for (let at = 0; ;) {
    if (at < body.length && body[at]! > 1) return stopped(found, verdict === Read.Malformed);
    if (at + 5 > body.length) return stopped(found, verdict === Read.More);
    if (body[at] === 1) return stopped(found, verdict === Read.Compressed);
    const length = new DataView(body.buffer, body.byteOffset).getUint32(at + 1);
    if (length > messageBytesMax) return stopped(found, verdict === Read.TooLarge);
    if (at + 5 + length > body.length) return stopped(found, verdict === Read.More);
    found.push(Buffer.from(body.subarray(at + 5, at + 5 + length)).toString('hex'));
    at += 5 + length;
  }
}

function stopped(found: string[], agreed: boolean): string[] {
  check(agreed, 'the verdict is the one of the whole input');
  return found;
}
