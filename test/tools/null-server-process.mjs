// The null server's process: answers KV/Put with a fixed header and does nothing else. Run by null-server.ts, over `build`.
// Prints {"port"} first; each line on stdin is answered with {"requests","cpuUs"}; ends when stdin does.
import { createInterface } from 'node:readline';
import { ByteBudget } from '../../build/wire/byte-budget.js';
import { listen } from '../../build/wire/server-socket.js';

// header {cluster_id 1, member_id 2, revision 3, raft_term 4}, as etcdserverpb.PutResponse
const reply = Uint8Array.of(0x0a, 8, 0x08, 1, 0x10, 2, 0x18, 3, 0x20, 4);
let requests = 0;

const server = await listen({
  address: { host: '127.0.0.1', port: 0 },
  tls: null,
  routes: {
    unary: new Map([
      [
        '/etcdserverpb.KV/Put',
        (call) => {
          requests++;
          call.reply(reply);
        },
      ],
    ]),
    streaming: new Map(),
  },
  http: null,
  budget: new ByteBudget(512 * 1024 * 1024),
});

const lines = createInterface({ input: process.stdin });
lines.on('line', () => {
  const { user, system } = process.cpuUsage();
  process.stdout.write(`${JSON.stringify({ requests, cpuUs: user + system })}\n`);
});
lines.on('close', () => process.exit(0));
process.stdout.write(`${JSON.stringify({ port: server.port })}\n`);
