/** Metadata: what passes the check can stand in a header block as it is; `-bin` values come back. */
import type { Metadata } from '../../../src/wire/contract.ts';
import { binBytes, binValue, metadataFault } from '../../../src/wire/metadata.ts';
import { check, fromText, latin1 } from '../check.ts';
import type { FuzzTarget } from '../target.ts';

/** An input is lines of `name=value`. */
export const metadata: FuzzTarget = {
  name: 'metadata',
  weight: 10,
  seeds: ['x-a=b', 'token=abc\nx-bin=AAEC', 'grpc-x=1', 'Upper=1', 'a= b', 'x-bin=aGk=,eA=='].map(fromText),
  dictionary: ['=', '\n', 'grpc-', '-bin', 'te', 'host', 'AAA=', '\r', '\0', ' ', ':'].map(fromText),
  inputBytesMax: 256,
  run,
};

function run(input: Uint8Array): string {
  check(Buffer.compare(binBytes(binValue(input)), input) === 0, 'a -bin value comes back');
  check(!binValue(input).includes('='), 'sent without padding');
  const list: Metadata = latin1(input)
    .split('\n')
    .map((line) => [line.split('=', 1)[0]!, line.slice(line.indexOf('=') + 1)]);
  for (const [, value] of list) check(binBytes(value).length <= value.length, 'base64 does not grow');
  const fault = metadataFault(list);
  if (fault === '') for (const [name, value] of list) checkSendable(name, value);
  return fault === '' ? `${Math.min(list.length, 4)} sendable` : fault.replace(/".*"/s, 'x');
}

/** RFC 9113 8.2.1: no upper case, no control character, no blank at either end; no pseudo-header. */
function checkSendable(name: string, value: string): void {
  check(/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name), 'a name is a lower-case token');
  check(!/[^\x20-\x7e]|^ | $/.test(value), 'a value is printable and trimmed');
}
