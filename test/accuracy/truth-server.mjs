/**
 * A server of known behaviour, in a process of its own: answers puts when its behaviour says so, and writes down on the
 * monotonic clock when each arrived, when its reply left, and when the loop had written it. Runs from `build`; started by
 * truth.ts with fork().
 *
 *   argv[2]: { kind: 'stall', fromMs, forMs, everyMs } | { kind: 'delay', ms } | { kind: 'delays', ms: number[] }
 *
 * A request's number stands in its key, right after the prefix, in decimal digits.
 */
import { PutRequestReader } from '../../build/api/hot/put-request-reader.js';
import { nowMs } from '../../build/base/clock.js';
import { ByteBudget } from '../../build/wire/byte-budget.js';
import { listen } from '../../build/wire/server-socket.js';

const behaviour = JSON.parse(process.argv[2]);
const prefixBytes = Number(process.argv[3]);
const digits = Number(process.argv[4]);
const reply = Uint8Array.of(0x0a, 0x00); // a PutResponse with an empty header

const log = { arrivalsMs: [], departuresMs: [], writtenMs: [] };
const reader = new PutRequestReader();

function numberOf(request) {
  reader.read(request);
  const start = reader.keyStart + prefixBytes;
  return Number(Buffer.from(request.subarray(start, start + digits)).toString());
}

function answer(call, number) {
  log.departuresMs[number] = nowMs();
  call.reply(reply);
  setImmediate(() => (log.writtenMs[number] = nowMs())); // behind the turn's one write, which the reply has ordered
}

/** Stops the whole process, as a pause of its machine would: nothing is read, nothing is answered. */
function stallNow() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, behaviour.forMs);
}

function startStalls() {
  setTimeout(() => {
    stallNow();
    setInterval(stallNow, behaviour.everyMs);
  }, behaviour.fromMs);
}

let started = false;

function put(call, request) {
  const number = numberOf(request);
  log.arrivalsMs[number] = nowMs();
  if (behaviour.kind === 'stall') {
    if (!started) startStalls();
    started = true;
    return answer(call, number);
  }
  const delayMs = behaviour.kind === 'delay' ? behaviour.ms : behaviour.ms[number % behaviour.ms.length];
  setTimeout(() => answer(call, number), delayMs);
}

const server = await listen({
  address: { host: '127.0.0.1', port: 0 },
  tls: null,
  http: null,
  budget: new ByteBudget(256 * 1024 * 1024),
  routes: { streaming: new Map(), unary: new Map([['/etcdserverpb.KV/Put', put]]) },
});

process.on('message', () => process.send(log, () => process.exit(0)));
process.on('disconnect', () => process.exit(0));
process.send({ port: server.port });
