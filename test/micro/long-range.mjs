// `npm run -s build:modules && node test/micro/long-range.mjs [DIR]`: what a Range of 100 MB does to the puts beside it. A
// fresh `bench node` in a directory below DIR (default: here, so that the disk is the checkout's), 80,000 pairs of
// 256 B + 1 KiB, then twenty clients that put one after the other: alone, and while another process lists everything.
// Figures, not tests.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KV } from '../../build/api/methods.js';
import { utf8 } from '../../build/base/bytes.js';
import { nowMs, sleep } from '../../build/base/clock.js';
import { Http2ClientConnection } from '../../build/wire/client-connection.js';
import { dial } from '../../build/wire/socket.js';

const pairs = 80_000;
const clients = 20;
const aloneMs = 3_000;
const value = new Uint8Array(1024).fill(7);
const limits = { messageBytesMax: 2 ** 31, connectionBytesMax: 2 ** 31, streamWindowBytes: 2 ** 23 };
const everything = KV.Range.request.encode({ key: Uint8Array.of(0), range_end: Uint8Array.of(0) });
const self = fileURLToPath(import.meta.url);
const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

async function connect(port) {
  const { connection } = await dial({
    target: { host: '127.0.0.1', port },
    tls: null,
    timeoutMs: 5_000,
    signal: new AbortController().signal,
    makeConnection: (atMs, onOutput) =>
      new Http2ClientConnection({ nowMs: atMs, onOutput, authority: 'localhost', secure: false, limits }),
    onGoingAway: () => {},
    onClosed: () => {},
  });
  return connection;
}

function call(connection, method, request) {
  return new Promise((done, fail) => {
    const onReply = (_token, code, message, { length }) => (code === 0 ? done(length) : fail(new Error(message)));
    connection.unary(method.path, request, { timeoutMs: 0, metadata: [] }, 0, { onReply }, nowMs());
  });
}

function putOf(i) {
  return KV.Put.request.encode({ key: utf8(`key-${String(i).padStart(252, '0')}`), value });
}

async function fill(connection) {
  let next = 0;
  const worker = async () => {
    while (next < pairs) await call(connection, KV.Put, putOf(next++));
  };
  await Promise.all(Array.from({ length: 500 }, worker));
}

/** Latencies of puts until `work` is done. */
async function beside(connection, work) {
  const latenciesMs = [];
  let over = false;
  const client = async (_, i) => {
    while (!over) {
      const startedMs = nowMs();
      await call(connection, KV.Put, putOf(i));
      latenciesMs.push(nowMs() - startedMs);
    }
  };
  const putting = Promise.all(Array.from({ length: clients }, client));
  const said = await work();
  over = true;
  await putting;
  latenciesMs.sort((a, b) => a - b);
  const at = (share) => latenciesMs[Math.floor(share * (latenciesMs.length - 1))].toFixed(2).padStart(8);
  return `${String(latenciesMs.length).padStart(8)}${at(0.5)}${at(0.99)}${at(1)}  ${said}`;
}

/** In a process of its own, so that reading 100 MB does not delay the clients that are timed. */
function list(port) {
  return new Promise((done, fail) =>
    execFile(process.execPath, [self, '--list', String(port)], (error, text) =>
      error ? fail(error) : done(text.trim()),
    ),
  );
}

async function listHere(port) {
  const connection = await connect(port);
  const startedMs = nowMs();
  const bytes = await call(connection, KV.Range, everything);
  process.stdout.write(`${(bytes / 1e6).toFixed(1)} MB in ${(nowMs() - startedMs).toFixed(0)} ms\n`);
}

async function startNode(dir, port) {
  const url = `http://127.0.0.1:${port}`;
  const flags = ['--data-dir', dir, '--listen-client-urls', url, '--advertise-client-urls', url];
  const child = spawn(process.execPath, [main, 'node', ...flags], { stdio: ['ignore', 'ignore', 'pipe'] });
  await new Promise((ready) => child.stderr.on('data', (text) => String(text).includes('ready to serve') && ready()));
  return child;
}

function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

async function measure(parent) {
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  const dir = mkdtempSync(join(resolve(parent), 'long-range-'));
  const node = await startNode(join(dir, 'data'), port);
  try {
    const connection = await connect(port);
    await fill(connection);
    process.stdout.write(`node ${process.version}; puts by ${clients} clients, ms\n\n`);
    process.stdout.write(`${' '.repeat(16)}    puts     p50     p99     max\n`);
    const show = async (name, work) => process.stdout.write(`${name.padEnd(16)}${await beside(connection, work)}\n`);
    for (let round = 0; round < 3; round++) {
      await show('alone', () => sleep(aloneMs).then(() => ''));
      const before = cpuMs(node.pid);
      await show('beside a range', () => list(port));
      process.stdout.write(`${' '.repeat(16)} the node used ${cpuMs(node.pid) - before} ms of CPU meanwhile\n`);
    }
  } finally {
    const ended = new Promise((done) => node.once('exit', done));
    node.kill('SIGTERM');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  }
}

if (process.argv[2] === '--list') await listHere(Number(process.argv[3]));
else await measure(process.argv[2] ?? '.');
process.exit(0);
