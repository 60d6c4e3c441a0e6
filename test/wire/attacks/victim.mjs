// The server under attack, in a process of its own so that its memory can be read: the built engine on a port of
// loopback. Answers `report` with what it holds, after a garbage collection, and with the highest it ever held.
import { ByteBudget } from '../../../build/wire/byte-budget.js';
import { listen } from '../../../build/wire/server-socket.js';

const budget = new ByteBudget(32 * 1024 * 1024);
const limits = JSON.parse(process.argv[2]);
const chat = (call) => ({
  onMessage: (payload) => void call.send(payload),
  onHalfClose: () => call.end(0, ''),
  onCancel: () => {},
});
const server = await listen({
  address: { host: '127.0.0.1', port: 0 },
  tls: null,
  routes: {
    unary: new Map([
      ['/t.T/Echo', (call, request) => call.reply(request)],
      ['/t.T/Hold', () => {}],
      ['/t.T/Pour', (call) => call.reply(new Uint8Array(200_000))],
    ]),
    streaming: new Map([['/t.T/Chat', chat]]),
  },
  http: null,
  budget,
  limits,
  keepAliveMinMs: 0,
});

const peak = { budgetBytes: 0, rssBytes: 0 };
setInterval(() => {
  peak.budgetBytes = Math.max(peak.budgetBytes, budget.usedBytes);
  peak.rssBytes = Math.max(peak.rssBytes, process.memoryUsage.rss());
}, 5);

process.on('message', async () => {
  globalThis.gc();
  await new Promise((resolve) => setImmediate(resolve)); // buffers are freed in the background
  globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  const { connectionsOpen, wire } = server.counters();
  process.send({
    heldBytes: heapUsed + external,
    rssBytes: rss,
    budgetBytes: budget.usedBytes,
    peak,
    connectionsOpen,
    wire,
  });
  peak.budgetBytes = 0;
  peak.rssBytes = 0;
});
process.on('disconnect', () => process.exit(0));
process.send({ port: server.port });
