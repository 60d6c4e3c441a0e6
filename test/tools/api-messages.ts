/** Every generated message type by its full protobuf name, and messages of that type with any content. */
import fc, { type Arbitrary } from 'fast-check';
import type { MessageFns } from '../../src/api/message.ts';
import * as auth from '../../src/api/gen/authpb/auth.ts';
import * as etcdAuth from '../../src/api/gen/etcdserverpb/auth.ts';
import * as cluster from '../../src/api/gen/etcdserverpb/cluster.ts';
import * as header from '../../src/api/gen/etcdserverpb/header.ts';
import * as kv from '../../src/api/gen/etcdserverpb/kv.ts';
import * as lease from '../../src/api/gen/etcdserverpb/lease.ts';
import * as maintenance from '../../src/api/gen/etcdserverpb/maintenance.ts';
import * as watch from '../../src/api/gen/etcdserverpb/watch.ts';
import * as health from '../../src/api/gen/grpc/health/v1/health.ts';
import * as storedLease from '../../src/api/gen/leasepb/lease.ts';
import * as mvcc from '../../src/api/gen/mvccpb/kv.ts';
import * as election from '../../src/api/gen/v3electionpb/election.ts';
import * as lock from '../../src/api/gen/v3lockpb/lock.ts';
import type { ProtoField, ProtoMessage, ProtoSchema } from './proto-schema.ts';

/** A message as data: what a decoder returns and an encoder takes. */
export type AnyMessage = Record<string, unknown>;

const modules: readonly (readonly [packageName: string, module: object])[] = [
  ['etcdserverpb', { ...header, ...kv, ...watch, ...lease, ...cluster, ...maintenance, ...etcdAuth }],
  ['authpb', auth],
  ['mvccpb', mvcc],
  ['leasepb', storedLease],
  ['v3lockpb', lock],
  ['v3electionpb', election],
  ['grpc.health.v1', health],
];

/** Full name -> its functions. */
export const messageTypes: ReadonlyMap<string, MessageFns<AnyMessage>> = new Map(
  modules.flatMap(([packageName, module]) =>
    Object.entries(module)
      .filter(([, value]) => typeof value === 'object' && value !== null && 'encode' in value)
      .map(([name, value]) => [`${packageName}.${name}`, value as MessageFns<AnyMessage>]),
  ),
);

/** Deep enough for a transaction in a transaction, shallow enough to be quick. */
const depthMax = 5;

/** Any message of this type, all fields set. */
export function arbitraryMessage(schema: ProtoSchema, name: string, depth = 0): Arbitrary<AnyMessage> {
  const { fields } = schema.messages.get(name)!;
  const plain = fields.filter((field) => field.oneof === null);
  const record = fc.record(
    Object.fromEntries(plain.map((field) => [field.name, arbitraryField(schema, field, depth)])),
  );
  const unions = [...new Set(fields.flatMap((field) => field.oneof ?? []))];
  if (unions.length === 0) return record;
  const chosen = fc.record(
    Object.fromEntries(unions.map((union) => [union, arbitraryUnion(schema, { name, fields }, union, depth)])),
  );
  return fc.tuple(record, chosen).map(([a, b]) => ({ ...a, ...b }));
}

function arbitraryUnion(schema: ProtoSchema, message: ProtoMessage, union: string, depth: number): Arbitrary<unknown> {
  if (depth >= depthMax) return fc.constant(undefined);
  const members = message.fields
    .filter((field) => field.oneof === union)
    .map((field) => arbitraryValue(schema, field, depth).map((value) => ({ $case: field.name, value })));
  return fc.oneof(fc.constant(undefined), ...members);
}

function arbitraryField(schema: ProtoSchema, field: ProtoField, depth: number): Arbitrary<unknown> {
  const isMessage = schema.messages.has(field.type);
  if (isMessage && depth >= depthMax) return fc.constant(field.repeated ? [] : undefined);
  const value = arbitraryValue(schema, field, depth);
  if (field.repeated) return fc.array(value, { maxLength: 3 });
  return isMessage ? fc.option(value, { nil: undefined }) : value;
}

function arbitraryValue(schema: ProtoSchema, field: ProtoField, depth: number): Arbitrary<unknown> {
  if (schema.messages.has(field.type)) return arbitraryMessage(schema, field.type, depth + 1);
  if (schema.enums.has(field.type))
    return fc.oneof(fc.constantFrom(...schema.enums.get(field.type)!.values()), int32());
  switch (field.type) {
    case 'int64':
      return field.asNumber ? fc.maxSafeInteger() : fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);
    case 'uint64':
      return field.asNumber ? fc.maxSafeNat() : fc.bigInt(0n, 2n ** 64n - 1n);
    case 'uint32':
      return fc.nat(2 ** 32 - 1);
    case 'bool':
      return fc.boolean();
    case 'bytes':
      return fc.uint8Array({ maxLength: 200 });
    case 'string':
      return fc.string({ unit: 'grapheme', maxLength: 200 });
    default:
      throw new Error(`no arbitrary for ${field.type}`);
  }
}

/** proto3 enums are open: a number of a newer release must survive. */
function int32(): Arbitrary<number> {
  return fc.integer();
}
