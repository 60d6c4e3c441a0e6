import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../../src/api/decode-error.ts';
import { ReplyReader } from '../../../src/api/hot/reply-reader.ts';
import { KV } from '../../../src/api/methods.ts';

const order = fc.maxSafeInteger();
const header = fc.record({
  cluster_id: fc.bigInt(0n, 2n ** 64n - 1n),
  member_id: fc.bigInt(0n, 2n ** 64n - 1n),
  revision: order,
});
const bytes = fc.uint8Array({ maxLength: 40 });
const kv = fc.record({ key: bytes, value: bytes, mod_revision: order });
const reader = new ReplyReader();

describe('a reply reader', () => {
  it('sees in a put what the generated decoder sees', () => {
    fc.assert(
      fc.property(header, fc.option(kv), (head, prev) => {
        reader.readPut(KV.Put.response.encode({ header: head, ...(prev === null ? {} : { prev_kv: prev }) }));
        expect(reader.revision).toBe(head.revision);
      }),
    );
  });

  it('counts keys in a range without looking at them', () => {
    fc.assert(
      fc.property(header, fc.array(kv, { maxLength: 5 }), fc.boolean(), order, (head, kvs, more, count) => {
        reader.readRange(KV.Range.response.encode({ header: head, kvs, more, count }));
        expect(reader).toMatchObject({ revision: head.revision, kvs: kvs.length, more, count });
      }),
    );
  });

  it('sees how many keys a delete removed', () => {
    fc.assert(
      fc.property(header, order, fc.array(kv, { maxLength: 3 }), (head, deleted, prev_kvs) => {
        reader.readDeleteRange(KV.DeleteRange.response.encode({ header: head, deleted, prev_kvs }));
        expect(reader).toMatchObject({ revision: head.revision, deleted });
      }),
    );
  });

  it('sees whether a transaction succeeded', () => {
    fc.assert(
      fc.property(header, fc.boolean(), fc.nat(3), (head, succeeded, puts) => {
        const put = { response: { $case: 'response_put', value: { header: head } } } as const;
        reader.readTxn(KV.Txn.response.encode({ header: head, succeeded, responses: Array(puts).fill(put) }));
        expect(reader).toMatchObject({ revision: head.revision, succeeded });
      }),
    );
  });

  it('forgets the reply before', () => {
    reader.readRange(KV.Range.response.encode({ header: { revision: 5 }, more: true, count: 7, kvs: [{}] }));
    reader.readRange(new Uint8Array(0));
    expect(reader).toMatchObject({ revision: 0, kvs: 0, more: false, count: 0 });
  });

  it('notices every reply that was cut short inside a field, and works on afterwards', () => {
    const whole = KV.Range.response.encode({
      header: { revision: 300 },
      kvs: [{ key: new Uint8Array(9) }],
      count: 300,
    });
    const generated = (part: Uint8Array) => () => KV.Range.response.decode(part);
    for (let length = 0; length < whole.length; length++) {
      const part = whole.subarray(0, length);
      let fails = false;
      try {
        generated(part)();
      } catch {
        fails = true;
      }
      if (fails) expect(() => reader.readRange(part), `at ${length}`).toThrow(DecodeError);
      else expect(() => reader.readRange(part)).not.toThrow();
    }
    reader.readRange(whole);
    expect(reader).toMatchObject({ revision: 300, kvs: 1, count: 300 });
  });
});
