/** `grpc-message`: what we write is printable and comes back; what we read never fails. */
import { percentDecode, percentEncode } from '../../../src/wire/percent.ts';
import { check, fromHex, fromText, latin1 } from '../check.ts';
import type { FuzzTarget } from '../target.ts';

export const percent: FuzzTarget = {
  name: 'percent',
  weight: 10,
  seeds: [
    fromText('etcdserver: key not found'),
    fromText('50%25 \u00e4\u20ac'),
    fromText('%zz%'),
    fromHex('c3a4f09f9880ff00'),
  ],
  dictionary: [fromText('%'), fromText('%25'), fromText('%C3%A4'), fromText('%ff'), fromHex('c3'), fromHex('eda080')],
  inputBytesMax: 256,
  run,
};

function run(input: Uint8Array): string {
  const decoded = percentDecode(latin1(input));
  const text = Buffer.from(input).toString('utf8');
  for (const each of [text, decoded]) {
    const encoded = percentEncode(each);
    check(/^[ -~]*$/.test(encoded), 'only printable ASCII is sent');
    check(percentDecode(encoded) === wellFormed(each), 'a message comes back');
  }
  const escapes = latin1(input).match(/%[0-9a-f]{2}/gi)?.length ?? 0;
  return `${Math.min(escapes, 9)} escapes${decoded.includes('\ufffd') ? ', malformed UTF-8' : ''}`;
}

/** A lone surrogate has no UTF-8: it is sent as U+FFFD. */
function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}
