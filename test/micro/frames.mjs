import { Http2ClientConnection } from '../../build/wire/client-connection.js';
import { Http2ServerConnection } from '../../build/wire/server-connection.js';

const path = '/etcdserverpb.KV/Put';
const answer = Buffer.from('0a1c08ccb08ba3f48ef7e6cd0110cda990a6a5bb8ccf8e011880890f2002', 'hex');

/** A client's engine and a server's, joined by hand: what a put costs both, without any socket. */
function pair() {
  const routes = { unary: new Map([[path, (call) => call.reply(answer)]]), streaming: new Map() };
  const onOutput = () => {};
  const peer = { address: 'memory', tlsSubject: null };
  const server = new Http2ServerConnection({ nowMs: 0, onOutput, routes, peer, http: null });
  const client = new Http2ClientConnection({ nowMs: 0, onOutput, authority: 'localhost', secure: false });
  return { client, server };
}

function exchange({ client, server }, nowMs) {
  for (;;) {
    const up = client.takeOutput();
    if (up !== null) server.receive(up, nowMs);
    client.outputDrained();
    const down = server.takeOutput();
    if (down !== null) client.receive(down, nowMs);
    server.outputDrained();
    if (up === null && down === null) return;
  }
}

function putsInBatches(batch) {
  const both = pair();
  let replies = 0;
  const sink = {
    onReply(_token, code, message) {
      if (code !== 0) throw new Error(message);
      replies++;
    },
  };
  const options = { timeoutMs: 5000, metadata: [] };
  const request = new Uint8Array(1300);
  let nowMs = 0;
  exchange(both, nowMs);
  return (count) => {
    replies = 0;
    for (let sent = 0; sent < count; sent += batch) {
      nowMs += 0.1;
      for (let i = 0; i < batch; i++) both.client.unary(path, request, options, i, sink, nowMs);
      exchange(both, nowMs);
    }
    if (replies < count) throw new Error(`${replies} replies to ${count} requests`);
  };
}

export const frameCases = [
  { name: 'frames: a 1.3 KB put through both engines, one at a time', body: putsInBatches(1) },
  { name: 'frames: a 1.3 KB put through both engines, 10 at a time', body: putsInBatches(10) },
  { name: 'frames: a 1.3 KB put through both engines, 100 at a time', body: putsInBatches(100) },
];
