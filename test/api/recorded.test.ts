/**
 * What etcdctl 3.4.23 sent to etcd 3.4.23 and what came back, recorded between the two: bytes of Go's protobuf, the
 * command that made them, and what they say in the form of etcd's JSON gateway.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { messageTypes } from '../tools/api-messages.ts';
import { gatewayJson, type Json } from '../tools/gateway-json.ts';
import { readProtoSchema } from '../tools/proto-schema.ts';

interface Recorded {
  readonly command: string;
  readonly message: string;
  readonly hex: string;
  readonly json: Json;
}

const url = new URL('recorded/etcdctl-3.4.23.json', import.meta.url);
const recorded = JSON.parse(readFileSync(url, 'utf8')) as Recorded[];
const schema = readProtoSchema();

describe('recorded between etcdctl and etcd', () => {
  it('are many kinds of messages', () => {
    expect(new Set(recorded.map(({ message }) => message)).size).toBe(52);
  });

  it.each(recorded)('$message of $command', ({ message, hex, json }) => {
    const type = messageTypes.get(message)!;
    const decoded = type.decode(Buffer.from(hex, 'hex'));
    expect(gatewayJson(schema, message, decoded)).toEqual(json);
    expect(Buffer.from(type.encode(decoded).finish()).toString('hex')).toBe(hex);
  });
});
