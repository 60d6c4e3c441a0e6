/** `grpc-timeout`: accepts exactly what the protocol defines, and what we write is never shorter than what was meant. */
import { formatTimeout, parseTimeout } from '../../../src/wire/grpc-timeout.ts';
import { check, fromText, latin1 } from '../check.ts';
import type { FuzzTarget } from '../target.ts';

export const grpcTimeout: FuzzTarget = {
  name: 'grpc-timeout',
  weight: 10,
  seeds: ['1S', '99999999H', '0m', '15u', '7n', '3M', '123456789m', ''].map(fromText),
  dictionary: ['H', 'M', 'S', 'm', 'u', 'n', '00000000', '-', '+', '.', ' ', '\n'].map(fromText),
  inputBytesMax: 32,
  run,
};

const units = 'HMSmun';

function run(input: Uint8Array): string {
  const text = latin1(input);
  const ms = parseTimeout(text);
  check(!Number.isNaN(ms) === isLegal(input), 'accepts what the protocol defines and nothing else');
  if (Number.isNaN(ms)) return 'refused';
  check(ms >= 0 && ms <= 99_999_999 * 3_600_000, 'within its range');
  if (ms > 0) check(parseTimeout(formatTimeout(ms)) >= ms * (1 - 1e-12), 'rounded up');
  check(isLegal(fromText(formatTimeout(ms))), 'what we write is legal');
  return `${text.slice(-1)} of ${text.length - 1} digits`;
}

/** One to eight ASCII digits and a unit, checked by hand. */
function isLegal(input: Uint8Array): boolean {
  const digits = input.subarray(0, -1);
  if (digits.length < 1 || digits.length > 8) return false;
  return digits.every((octet) => octet >= 0x30 && octet <= 0x39) && units.includes(String.fromCharCode(input.at(-1)!));
}
