/**
 * The hand-written readers beside the generated ones. The put reader must agree on every input, the get reader on those
 * that it calls plain; the reply readers pass over contents that the generated ones look into, so they may read more, but
 * never something else.
 */
import { deepStrictEqual } from 'node:assert';
import { DecodeError } from '../../../src/api/decode-error.ts';
import { GetRequestReader } from '../../../src/api/hot/get-request-reader.ts';
import { PutRequestReader } from '../../../src/api/hot/put-request-reader.ts';
import { ReplyReader } from '../../../src/api/hot/reply-reader.ts';
import { KV } from '../../../src/api/methods.ts';
import { check, fromHex } from '../check.ts';
import type { FuzzTarget } from '../target.ts';

const reply = new ReplyReader();
const put = new PutRequestReader();
const get = new GetRequestReader();
const bytes = (length: number) => new Uint8Array(length).fill(0x61);
const header = { cluster_id: 2n ** 63n, member_id: 5n, revision: 300, raft_term: 2 };
const dictionary = ['ffffffffffffffffff01', 'ffffffff0f', '1803', '0a02', '1200', '7b7c'].map(fromHex);

export const apiPutRequest: FuzzTarget = {
  name: 'api-put-request',
  weight: 1,
  dictionary,
  seeds: [
    KV.Put.request.encode({ key: bytes(3), value: bytes(5) }),
    KV.Put.request.encode({ key: bytes(200), value: bytes(300), lease: -(2n ** 63n), prev_kv: true }),
    KV.Put.request.encode({ key: bytes(1), ignore_lease: true, ignore_value: true }),
  ],
  run: (input) => {
    const request = orRefusal(() => KV.Put.request.decodeView(input));
    const refusal = orRefusal(() => put.read(input));
    if (typeof request === 'string') {
      check(refusal === request, 'both readers refuse the same for the same reason');
      return request.replace(/ at byte .*/, '');
    }
    check(refusal === undefined, 'both readers read the same');
    const lease = (BigInt(put.leaseHigh) << 32n) | BigInt(put.leaseLow >>> 0);
    deepStrictEqual([...input.subarray(put.keyStart, put.keyEnd)], [...request.key]);
    deepStrictEqual([...input.subarray(put.valueStart, put.valueEnd)], [...request.value]);
    deepStrictEqual([lease, put.prevKv], [request.lease, request.prev_kv]);
    deepStrictEqual([put.ignoreValue, put.ignoreLease], [request.ignore_value, request.ignore_lease]);
    return `ok lease ${put.hasLease} key ${put.keyEnd > put.keyStart} value ${put.valueEnd > put.valueStart}`;
  },
};

export const apiGetRequest: FuzzTarget = {
  name: 'api-get-request',
  weight: 1,
  dictionary,
  seeds: [
    KV.Range.request.encode({ key: bytes(3) }),
    KV.Range.request.encode({ key: bytes(200), limit: -5, serializable: true }),
    KV.Range.request.encode({ key: bytes(1), range_end: bytes(2), revision: 7, count_only: true }),
  ],
  run: (input) => {
    const request = orRefusal(() => KV.Range.request.decodeView(input));
    const refusal = orRefusal(() => get.read(input));
    if (typeof request === 'string') {
      check(refusal === request || (refusal === undefined && !get.isPlain), 'what is served the fast way is sound');
      return request.replace(/ at byte .*/, '');
    }
    check(refusal === undefined, 'what the generated reader reads, the hot one reads');
    if (!get.isPlain) return 'ok, another range';
    const { key, limit, serializable } = request;
    deepStrictEqual(request, { ...KV.Range.request.decodeView(new Uint8Array(0)), key, limit, serializable });
    deepStrictEqual([...input.subarray(get.keyStart, get.keyEnd)], [...key]);
    deepStrictEqual(get.serializable, serializable);
    return `ok plain key ${get.keyEnd > get.keyStart}`;
  },
};

export const apiReplies: FuzzTarget = {
  name: 'api-replies',
  weight: 1,
  dictionary,
  seeds: [
    KV.Put.response.encode({ header, prev_kv: { key: bytes(3) } }),
    KV.Range.response.encode({ header, kvs: [{ key: bytes(3) }, { value: bytes(9) }], more: true, count: 300 }),
    KV.DeleteRange.response.encode({ header, deleted: 3, prev_kvs: [{}] }),
    KV.Txn.response.encode({ header, succeeded: true, responses: [{}] }),
  ],
  run: (input) => {
    const words = [runPut(input), runRange(input), runDelete(input), runTxn(input)];
    return words.join(', ');
  },
};

function runPut(input: Uint8Array): string {
  return compare(
    () => KV.Put.response.decodeView(input),
    () => reply.readPut(input),
    (response) => {
      deepStrictEqual(reply.revision, response.header?.revision ?? 0);
    },
  );
}

function runRange(input: Uint8Array): string {
  return compare(
    () => KV.Range.response.decodeView(input),
    () => reply.readRange(input),
    (response) => {
      const expected = [response.header?.revision ?? 0, response.kvs.length, response.count, response.more];
      deepStrictEqual([reply.revision, reply.kvs, reply.count, reply.more], expected);
    },
  );
}

function runDelete(input: Uint8Array): string {
  return compare(
    () => KV.DeleteRange.response.decodeView(input),
    () => reply.readDeleteRange(input),
    (response) => {
      deepStrictEqual(reply.deleted, response.deleted);
    },
  );
}

function runTxn(input: Uint8Array): string {
  return compare(
    () => KV.Txn.response.decodeView(input),
    () => reply.readTxn(input),
    (response) => {
      deepStrictEqual(reply.succeeded, response.succeeded);
    },
  );
}

function compare<T extends object>(generated: () => T, hot: () => void, same: (message: T) => void): string {
  const message = orRefusal(generated);
  const refusal = orRefusal(hot);
  if (typeof message === 'string') return refusal === undefined ? 'read more' : 'refused';
  check(refusal === undefined, 'what the generated reader reads, the hot one reads');
  same(message);
  return 'ok';
}

/** The value, or why it was refused; other exceptions are crashes. */
function orRefusal<T>(decode: () => T): T | string {
  try {
    return decode();
  } catch (thrown) {
    if (thrown instanceof DecodeError) return thrown.message;
    throw thrown;
  }
}
