/** Requests that are half there, over real sockets: they hold nobody back, and each is answered once it is whole. */
import { connect, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PutRequest } from '../../src/api/gen/etcdserverpb/kv.ts';
import { KV } from '../../src/api/methods.ts';
import { startNode, type BenchNode } from '../tools/node.ts';

/** Together more than the node lets pile up for its own work (64 MiB). */
const writers = 80;
const valueBytes = 1_400_000;
const heldBackBytes = 1_000;

let node: BenchNode;
const sessions: ClientHttp2Session[] = [];

beforeAll(async () => {
  node = await startNode();
});
afterAll(async () => {
  for (const session of sessions) session.destroy();
  await node.stop();
});

interface Put {
  readonly stream: ClientHttp2Stream;
  readonly message: Buffer;
  readonly status: Promise<unknown>;
}

/** On a connection of its own; nothing is sent but headers. */
function beginPut(key: string, bytes: number): Put {
  const session = connect(node.url);
  sessions.push(session);
  const put = PutRequest.encode(
    PutRequest.fromPartial({ key: Buffer.from(key), value: Buffer.alloc(bytes, 1) }),
  ).finish();
  const message = Buffer.concat([Buffer.alloc(5), put]);
  message.writeUInt32BE(put.length, 1);
  const stream = session.request({
    ':method': 'POST',
    ':path': KV.Put.path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  const status = new Promise((resolve, reject) => {
    stream.on('trailers', (trailers: IncomingHttpHeaders) => resolve(trailers['grpc-status']));
    stream.on('error', reject);
    stream.resume();
  });
  return { stream, message, status };
}

it('let others be served meanwhile, and are served themselves', async () => {
  const puts = Array.from({ length: writers }, (_, i) => beginPut(`large${i}`, valueBytes));
  const sent = puts.map(
    ({ stream, message }) => new Promise((resolve) => stream.write(message.subarray(0, -heldBackBytes), resolve)),
  );
  await Promise.all(sent); // the node has read them: a stream's window is smaller
  const small = beginPut('small', 10);
  small.stream.end(small.message);
  expect(await small.status).toBe('0');
  for (const { stream, message } of puts) stream.end(message.subarray(-heldBackBytes));
  expect(await Promise.all(puts.map(({ status }) => status))).toEqual(puts.map(() => '0'));
});
