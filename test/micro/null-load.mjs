// `npm run bench:null [CLIENTS CONNECTIONS SECONDS]`: the load generator against a server of ours that answers a put with
// nothing but a header, in a process of its own: what the generator and the wire engine cost, and how far they go.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { runLoad } from '../../build/bench/load.js';
import { parseEndpoint } from '../../build/client/endpoint.js';

const [clients = 1000, connections = 100, seconds = 6] = process.argv.slice(2).map(Number);
const server = spawn(process.execPath, [fileURLToPath(new URL('../tools/null-server-process.mjs', import.meta.url))], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
const answer = async () => JSON.parse((await lines.next()).value);
const usage = () => {
  server.stdin.write('\n');
  return answer();
};

const { port } = await answer();
const phase = { arrival: { model: 'closed' }, count: null, mix: [{ op: 'put', weight: 1 }] };
const workload = {
  name: 'null',
  description: '',
  clients,
  connections,
  spread: 'all',
  requestTimeoutMs: 5000,
  seed: 1,
  keys: { sizeBytes: { kind: 'fixed', bytes: 256 }, count: null, order: 'uniform', zipfTheta: 0.99 },
  values: { kind: 'fixed', bytes: 1024 },
  preload: 0,
  phases: [
    { ...phase, name: 'warm-up', warmUp: true, durationMs: 2000 },
    { ...phase, name: 'load', warmUp: false, durationMs: seconds * 1000 },
  ],
  thresholds: {},
};
const channel = { transport: 'wire', tls: null, connectTimeoutMs: 5000, keepAliveMs: 0, maxReceiveBytes: 1e6 };
const endpoints = [parseEndpoint(`127.0.0.1:${port}`)];
const spec = { workload, endpoints, channel, token: null, prefix: Buffer.from('/null/'), bound: null };
let before = null;
let after = null;
const events = {
  onProgress: () => {},
  onPhaseStart: (index) => void (index === 1 && (before = usage())),
  onPhaseEnd: (index) => void (index === 1 && (after = usage())),
};
const { phases } = await runLoad(spec, events, new AbortController().signal);
server.stdin.end();
const { completed, elapsedMs, errors, generator } = phases[1];
const [from, to] = [await before, await after];
const serverUs = (to.cpuUs - from.cpuUs) / (to.requests - from.requests);
const rate = Math.round(completed / (elapsedMs / 1e3)).toLocaleString('en-US');
process.stdout.write(
  `${clients} clients on ${connections} connections: ${rate} puts/s, CPU per put: generator ` +
    `${generator.cpuUsPerOp.toFixed(1)} µs, server ${serverUs.toFixed(1)} µs, errors ${JSON.stringify(errors)}\n`,
);
