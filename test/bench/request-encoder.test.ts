import { describe, expect, it } from 'vitest';
import { KV } from '../../src/api/methods.ts';
import { utf8, utf8Text } from '../../src/base/bytes.ts';
import { operationKinds } from '../../src/bench/operation-mix.ts';
import { phaseAt, Plan } from '../../src/bench/plan.ts';
import { RequestEncoder } from '../../src/bench/request-encoder.ts';
import type { MixEntry, Workload } from '../../src/bench/workload.ts';

const prefix = utf8('/bench/p/');

function workloadOf(mix: readonly MixEntry[], changes: Partial<Workload> = {}): Workload {
  return {
    name: 't',
    description: '',
    clients: 1,
    connections: 1,
    spread: 'all',
    requestTimeoutMs: 1000,
    seed: 42,
    keys: { sizeBytes: { kind: 'uniform', minBytes: 8, maxBytes: 300 }, count: 500, order: 'zipfian', zipfTheta: 0.9 },
    values: { kind: 'uniform', minBytes: 0, maxBytes: 3000 },
    preload: 20,
    phases: [{ name: 'p', warmUp: false, arrival: { model: 'closed' }, durationMs: null, count: 1, mix }],
    thresholds: {},
    ...changes,
  };
}

function encoderOf(workload: Workload, index = 0): { encoder: RequestEncoder; plan: Plan } {
  const at = phaseAt(workload, index);
  const plan = new Plan(at.workload, at.phase, index, prefix);
  return { plan, encoder: new RequestEncoder(at.workload, plan, prefix) };
}

const everything: MixEntry[] = [
  { op: 'put', weight: 5 },
  { op: 'range', weight: 3, serializable: true, limit: 0, span: 'key' },
  { op: 'range', weight: 1, serializable: false, limit: 7, span: 'prefix' },
  { op: 'delete', weight: 1 },
  { op: 'txn', weight: 2, puts: 3 },
];

describe('a plan', () => {
  it('is the same in every lane, and differs by seed, phase and request', () => {
    const bytesOf = (workload: Workload, index: number): string =>
      Buffer.from(encoderOf(workload).encoder.encode(index)).toString('hex');
    const workload = workloadOf(everything);
    const first = Array.from({ length: 50 }, (_, i) => bytesOf(workload, i));
    expect(Array.from({ length: 50 }, (_, i) => bytesOf(workload, i))).toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(40);
    expect(bytesOf({ ...workload, seed: 43 }, 0)).not.toBe(first[0]);
  });

  it('draws operations by weight', () => {
    const { encoder } = encoderOf(workloadOf(everything));
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const op = operationKinds[encoder.kindOf(i)]!;
      counts.set(op, (counts.get(op) ?? 0) + 1);
    }
    const shares = { put: 5, range: 4, delete: 1, txn: 2 };
    for (const [op, weight] of Object.entries(shares)) expect(counts.get(op)! / 2000 / weight).toBeCloseTo(1, 1);
  });

  it('preloads the first keys in order, each once, and ranges find them', () => {
    const workload = workloadOf([everything[1]!], { preload: 500 });
    const preload = encoderOf(workload, -1);
    const keys = Array.from({ length: 500 }, (_, i) => utf8Text(KV.Put.request.decode(preload.encoder.encode(i)).key));
    expect(new Set(keys).size).toBe(500);
    const { encoder } = encoderOf(workload);
    for (let i = 0; i < 300; i++) expect(keys).toContain(utf8Text(KV.Range.request.decode(encoder.encode(i)).key));
  });
});

describe('requests, as the generated codecs read them', () => {
  const { encoder, plan } = encoderOf(workloadOf(everything));
  const keyOf = (index: number, sub: number): Uint8Array => {
    const key = new Uint8Array(plan.keys.bytesMax);
    return key.slice(0, plan.keys.write(key, 0, plan.keyNumber(index, sub)));
  };
  const valueOf = (index: number, sub: number): Uint8Array => {
    const value = new Uint8Array(plan.valueBytes(index, sub));
    plan.writeValue(value, 0, index, sub);
    return value;
  };
  const requests = Array.from({ length: 300 }, (_, index) => {
    const bytes = encoder.encode(index).slice();
    return { index, bytes, method: encoder.method, puts: encoder.puts, entry: everything[plan.entry(index)]! };
  });

  it('put', () => {
    for (const { index, bytes, method, puts } of requests.filter(({ entry }) => entry.op === 'put')) {
      expect([method, puts]).toEqual(['/etcdserverpb.KV/Put', 1]);
      const { key, value, ...rest } = KV.Put.request.decode(bytes);
      expect(Buffer.compare(key, keyOf(index, 0))).toBe(0);
      expect(Buffer.compare(value, valueOf(index, 0))).toBe(0);
      expect(rest).toEqual({ lease: 0n, prev_kv: false, ignore_value: false, ignore_lease: false });
    }
  });

  it('range and delete', () => {
    for (const { index, bytes, method, entry } of requests) {
      if (entry.op === 'delete') {
        expect(method).toBe('/etcdserverpb.KV/DeleteRange');
        expect(KV.DeleteRange.request.decode(bytes)).toMatchObject({
          key: keyOf(index, 0),
          range_end: new Uint8Array(0),
        });
      } else if (entry.op === 'range') {
        expect(method).toBe('/etcdserverpb.KV/Range');
        const whole = entry.span === 'prefix';
        expect(KV.Range.request.decode(bytes)).toMatchObject({
          key: whole ? prefix : keyOf(index, 0),
          range_end: whole ? utf8('/bench/p0') : new Uint8Array(0),
          serializable: entry.serializable,
          limit: entry.limit,
        });
      }
    }
  });

  it('txn: any version of the first key, then puts of different keys', () => {
    for (const { index, bytes, method, puts } of requests.filter(({ entry }) => entry.op === 'txn')) {
      expect([method, puts]).toEqual(['/etcdserverpb.KV/Txn', 3]);
      const txn = KV.Txn.request.decode(bytes);
      expect(txn.compare).toMatchObject([
        { result: 1, target: 0, key: keyOf(index, 0), target_union: { $case: 'version', value: -1 } },
      ]);
      expect(txn.failure).toEqual([]);
      expect(txn.success.map(({ request }) => request)).toMatchObject(
        [0, 1, 2].map((sub) => ({
          $case: 'request_put',
          value: { key: keyOf(index, sub), value: valueOf(index, sub) },
        })),
      );
    }
  });

  it('fit whatever the sizes are, the largest too', () => {
    for (const bytes of [0, 1, 127, 128, 16_383, 16_384, 100_000]) {
      const workload = workloadOf(everything, { values: { kind: 'fixed', bytes } });
      const fixed = encoderOf(workload).encoder;
      for (let i = 0; i < 60; i++) expect(fixed.encode(i).length).toBeGreaterThan(0);
    }
  });
});
