import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../src/api/decode-error.ts';
import { methodByPath } from '../../src/api/methods.ts';
import { concatBytes } from '../../src/base/bytes.ts';
import { arbitraryMessage, messageTypes, type AnyMessage } from '../tools/api-messages.ts';
import { readProtoSchema, type ProtoField } from '../tools/proto-schema.ts';

const schema = readProtoSchema();
const names = [...schema.messages.keys()].sort();
const encode = (name: string, message: AnyMessage) => messageTypes.get(name)!.encode(message).finish();
const decode = (name: string, bytes: Uint8Array) => messageTypes.get(name)!.decode(bytes);

/** A varint of the 64 bits of `value`. */
function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

/** Fields that no message has, one of each wire type. */
const unknownFields = [
  { what: 'a varint', bytes: [...varint(2000n << 3n), ...varint(-1n)] },
  { what: '64 bits', bytes: [...varint((2000n << 3n) | 1n), 1, 2, 3, 4, 5, 6, 7, 8] },
  { what: 'bytes', bytes: [...varint((2000n << 3n) | 2n), 3, 1, 2, 3] },
  { what: '32 bits', bytes: [...varint((2000n << 3n) | 5n), 1, 2, 3, 4] },
  { what: 'a group', bytes: [...varint((2000n << 3n) | 3n), 0x0b, 0x10, 0x01, 0x0c, ...varint((2000n << 3n) | 4n)] },
];

describe('the proto files', () => {
  it('have all 120 messages and 11 enums of the API, and code for each', () => {
    expect(names.length).toBe(120);
    expect(schema.enums.size).toBe(11);
    expect([...messageTypes.keys()].sort()).toEqual(names);
  });

  it('have the methods of the method table', () => {
    expect([...schema.methods].sort()).toEqual([...methodByPath.keys()].sort());
  });

  it('use each number and name once per message', () => {
    for (const { name, fields } of schema.messages.values()) {
      expect(new Set(fields.map((field) => field.number)).size, name).toBe(fields.length);
      expect(new Set(fields.map((field) => field.name)).size, name).toBe(fields.length);
    }
  });
});

describe.each(names)('%s', (name) => {
  const message = arbitraryMessage(schema, name);

  it('comes back as it was, whatever unknown fields stand around it', () => {
    fc.assert(
      fc.property(message, fc.constantFrom(...unknownFields), (original, unknown) => {
        const bytes = encode(name, original);
        expect(decode(name, bytes)).toEqual(original);
        const around = Uint8Array.from(unknown.bytes);
        expect(decode(name, concatBytes([around, bytes, around]))).toEqual(original);
      }),
      { numRuns: 30 },
    );
  });

  it('cut short is a DecodeError or a shorter message, and nothing else', () => {
    fc.assert(
      fc.property(message, fc.nat(), (original, at) => {
        const bytes = encode(name, original);
        decodeOrDecodeError(name, bytes.subarray(0, at % (bytes.length + 1)));
      }),
      { numRuns: 30 },
    );
  });

  it('from any bytes is a message or a DecodeError', () => {
    const byte = fc.oneof(fc.constantFrom(0x08, 0x0a, 0x10, 0x12, 0x1a, 0x22, 0, 1, 2, 3, 0x80, 0xff), fc.nat(255));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 40 }), (bytes) => decodeOrDecodeError(name, Uint8Array.from(bytes))),
      { numRuns: 100 },
    );
  });
});

function decodeOrDecodeError(name: string, bytes: Uint8Array): void {
  try {
    decode(name, bytes);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(DecodeError);
  }
}

interface Wide {
  readonly message: string;
  readonly field: ProtoField;
}

const wide: Wide[] = [...schema.messages.values()].flatMap(({ name, fields }) =>
  fields.filter(({ type }) => type === 'int64' || type === 'uint64').map((field) => ({ message: name, field })),
);

function fieldOf(message: AnyMessage, field: ProtoField): unknown {
  return field.oneof === null ? message[field.name] : (message[field.oneof] as { value: unknown }).value;
}

describe('64 bits', () => {
  const max = Number.MAX_SAFE_INTEGER;
  const values = [
    0n,
    1n,
    -1n,
    2n ** 31n,
    2n ** 32n,
    2n ** 53n - 1n,
    2n ** 53n,
    -(2n ** 53n),
    2n ** 63n - 1n,
    -(2n ** 63n),
  ];

  it('are 68 fields, of which those with a mere order are numbers', () => {
    expect(wide.length).toBe(68);
    expect(wide.filter(({ field }) => field.asNumber).length).toBe(39);
    const identity = /^(ID|.*_id|lease|leader|memberID|targetID)$/;
    for (const { message, field } of wide)
      expect(identity.test(field.name), `${message}.${field.name}`).toBe(!field.asNumber);
  });

  it.each(wide.map(({ message, field }) => ({ what: `${message}.${field.name}`, message, field })))(
    '$what is whole, or clamped',
    ({ message, field }) => {
      for (const value of values) {
        const bytes = Uint8Array.from([...varint(BigInt(field.number) << 3n), ...varint(value)]);
        const exact = field.type === 'uint64' ? BigInt.asUintN(64, value) : value;
        const clamped = exact > max ? max : exact < -max ? -max : Number(exact);
        expect(fieldOf(decode(message, bytes), field)).toBe(field.asNumber ? clamped : exact);
      }
    },
  );
});
