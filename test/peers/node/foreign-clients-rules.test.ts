/** The cases that our services are held against (test/node/rpc/request-cases.ts), held against a real etcd. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { etcdErrorOf } from '../../../src/api/errors.ts';
import { KV, type UnaryMethod } from '../../../src/api/methods.ts';
import { putCases, rangeCases, type RequestCase, txnCases } from '../../node/rpc/request-cases.ts';
import { startEtcd, type Etcd } from '../../tools/etcd.ts';
import { RawGrpc } from '../../tools/raw-grpc.ts';

let etcd: Etcd;
let grpc: RawGrpc;

beforeAll(async () => {
  etcd = await startEtcd();
  grpc = new RawGrpc(`127.0.0.1:${etcd.clientPort}`);
});
afterAll(async () => {
  grpc.close();
  await etcd.stop();
});

function holds<Q>(method: UnaryMethod<Q, unknown>, cases: readonly RequestCase<Q>[]): void {
  const asked = cases.filter((each) => each.errorIn34 !== null);
  it.each(asked)('$says', async ({ request, error, errorIn34 }) => {
    const answer = await grpc.unary(method.path, method.request.encode(request)).then(
      () => '',
      (thrown: { details: string; code: number }) => {
        expect(thrown.code).toBe(etcdErrorOf(thrown.details)?.grpcBefore36);
        return thrown.details;
      },
    );
    const expected = errorIn34 ?? error;
    expect(answer).toBe(expected === '' ? '' : `etcdserver: ${expected}`);
  });
}

describe('etcd 3.4 answers Put', () => holds(KV.Put, putCases));
describe('etcd 3.4 answers Range', () => holds(KV.Range, rangeCases));
describe('etcd 3.4 answers Txn', () => holds(KV.Txn, txnCases));
