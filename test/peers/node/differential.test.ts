/**
 * The same random requests to Debian's etcd and to our node, one after the other: responses, revisions, headers and errors
 * are equal field by field, but for the differences between releases that the table names. A row that explains nothing
 * fails the test, as does a difference without a row.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { etcdErrors } from '../../../src/api/errors.ts';
import type { CompactionRequest, RangeRequest } from '../../../src/api/gen/etcdserverpb/kv.ts';
import { createRandom } from '../../../src/base/random.ts';
import { Client } from '../../../src/client/client.ts';
import { defaultChannelSettings } from '../../../src/client/connect.ts';
import { parseEndpoint } from '../../../src/client/endpoint.ts';
import { StatusError } from '../../../src/wire/status.ts';
import { OperationSource, type Operation, type StoreRevisions } from '../../tools/kv-operations.ts';
import { startPair, type Pair } from '../../tools/etcd-and-node.ts';

const seed = 20_261_122;
const operationsPerSeed = 10_000;
const seeds = 5;

interface Answer {
  readonly code: number;
  readonly message: string;
  readonly response: unknown;
}

/** A difference between Debian's 3.4 and the release that the node answers as. */
interface KnownDifference {
  readonly operation: string;
  readonly is: (request: object, node: Answer) => boolean;
  readonly etcd34: string;
  readonly node: string;
  readonly reference: string;
}

const known: readonly KnownDifference[] = [
  {
    operation: 'Range',
    is: (request, node) => {
      const { sort_order: order = 0 } = request as Partial<RangeRequest>;
      return !([0, 1, 2] as number[]).includes(order) && node.message === etcdErrors.INVALID_SORT_OPTION.message;
    },
    etcd34: 'a number that no sort option has is taken for none',
    node: 'refused',
    reference: 'docs/etcd-facts.md, request checks',
  },
];

/** Those that random requests to the KV service run into. */
const errorsMet = [
  'EMPTY_KEY',
  'KEY_NOT_FOUND',
  'VALUE_PROVIDED',
  'LEASE_PROVIDED',
  'DUPLICATE_KEY',
  'COMPACTED',
  'FUTURE_REV',
  'LEASE_NOT_FOUND',
] as const;

let pair: Pair;
let etcd: Client;
let node: Client;
beforeAll(async () => {
  pair = await startPair();
  [etcd, node] = [clientOf(pair.etcdUrl), clientOf(pair.nodeUrl)];
});
afterAll(async () => {
  await Promise.all([etcd.close(), node.close()]);
  await pair.stop();
});

describe('etcd and the node', () => {
  const used = new Set<KnownDifference>();

  it.each(Array.from({ length: seeds }, (_, nth) => seed + nth))(
    `answer ${operationsPerSeed} requests of seed %i alike`,
    async (each) => {
      const source = new OperationSource(createRandom(each));
      for (let nth = 0; nth < operationsPerSeed; nth++) {
        const operation = source.next(revisions);
        const answers = await Promise.all([answer(etcd, operation), answer(node, operation)]);
        judge(operation, ...answers, `seed ${each}, request ${nth}`);
      }
    },
    600_000,
  );

  it.each(['Put', 'Range', 'DeleteRange', 'Txn', 'Compact'])('agreed on many a %s that went well', (name) =>
    expect(outcomes.get(`${name} 0`) ?? 0).toBeGreaterThan(name === 'Compact' ? 200 : 1_000),
  );

  it.each(errorsMet)('met %s', (name) =>
    expect([...outcomes.keys()].some((each) => each.endsWith(etcdErrors[name].message))).toBe(true),
  );

  it('differ in every way that the table names', () => {
    expect(known.filter((row) => !used.has(row)).map((row) => row.etcd34)).toEqual([]);
  });

  /** As the last answers told. */
  let revisions: StoreRevisions = { current: 1, compacted: 0 };

  const outcomes = new Map<string, number>();

  function judge(operation: Operation, theirs: Answer, ours: Answer, where: string): void {
    note(operation, theirs);
    const outcome = `${operation.name} ${theirs.code === 0 ? '0' : theirs.message}`;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    const [expected, got] = [plain(theirs), plain(ours)];
    if (expected === got) return;
    const row = known.find((each) => each.operation === operation.name && each.is(operation.request, ours));
    if (row !== undefined) return void used.add(row);
    expect(got, `${where}: ${operation.name} ${plain(operation.request)}`).toBe(expected);
  }

  function note({ name, request }: Operation, { code, response }: Answer): void {
    const header = (response as { header?: { revision: number } } | null)?.header;
    if (header !== undefined) revisions = { ...revisions, current: header.revision };
    const compacted = name === 'Compact' && code === 0 ? Number((request as CompactionRequest).revision) : 0;
    if (compacted > 0) revisions = { ...revisions, compacted };
  }
});

async function answer(client: Client, { method, request }: Operation): Promise<Answer> {
  try {
    return { code: 0, message: '', response: await client.unary(method, request as never) };
  } catch (thrown) {
    if (!(thrown instanceof StatusError)) throw thrown;
    return { code: thrown.code, message: thrown.message, response: null };
  }
}

/** Bytes as hexadecimal, bigints with their mark, so that equal texts are equal answers. */
function plain(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, name, each: unknown) {
    if (typeof each === 'bigint') return `${each}n`;
    const given = this[name]; // before a Buffer's own toJSON
    return given instanceof Uint8Array ? Buffer.from(given).toString('hex') : each;
  });
}

function clientOf(url: string): Client {
  return new Client({
    endpoints: [parseEndpoint(url)],
    channel: defaultChannelSettings,
    user: null,
    timeoutMs: 10_000,
    attemptsMax: 1,
  });
}
