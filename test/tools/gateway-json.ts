/**
 * A message as etcd's JSON gateway writes it (protobuf's JSON mapping with the names of the .proto file): 64-bit
 * integers as strings, bytes in base64, enums by name, defaults left out.
 */
import type { AnyMessage } from './api-messages.ts';
import type { ProtoField, ProtoSchema } from './proto-schema.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export function gatewayJson(schema: ProtoSchema, name: string, message: AnyMessage): Json {
  const entries = schema.messages.get(name)!.fields.flatMap((field): [string, Json][] => {
    const value = field.oneof === null ? message[field.name] : memberOf(message[field.oneof], field.name);
    if (value === undefined || (field.oneof === null && isDefault(value))) return [];
    return [[field.name, valueJson(schema, field, value)]];
  });
  return Object.fromEntries(entries);
}

function memberOf(union: unknown, name: string): unknown {
  const member = union as { $case: string; value: unknown } | undefined;
  return member?.$case === name ? member.value : undefined;
}

function isDefault(value: unknown): boolean {
  if (value instanceof Uint8Array || Array.isArray(value)) return value.length === 0;
  return value === 0 || value === 0n || value === '' || value === false;
}

function valueJson(schema: ProtoSchema, field: ProtoField, value: unknown): Json {
  if (field.repeated) return (value as unknown[]).map((item) => valueJson(schema, { ...field, repeated: false }, item));
  if (schema.messages.has(field.type)) return gatewayJson(schema, field.type, value as AnyMessage);
  const names = schema.enums.get(field.type);
  if (names !== undefined) return [...names].find(([, number]) => number === value)?.[0] ?? (value as number);
  if (field.type === 'bytes') return Buffer.from(value as Uint8Array).toString('base64');
  return field.type === 'int64' || field.type === 'uint64' ? String(value) : (value as Json);
}
