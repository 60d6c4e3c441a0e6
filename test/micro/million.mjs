// `node test/micro/million.mjs [keys]` (default 1,000,000; after npm run build:modules): etcd of PATH and the embedded
// node, one after the other, filled with keys of 256 B + 1 KiB: puts/s into the empty and into the full store, what the
// process holds, files on disk, and how long a restart takes until the first answer. Ten minutes and 8 GB of disk for a
// million.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { KV } from '../../build/api/methods.js';
import { Client } from '../../build/client/client.js';
import { defaultChannelSettings } from '../../build/client/connect.js';
import { parseEndpoint } from '../../build/client/endpoint.js';

const keys = Number(process.argv[2] ?? 1_000_000);
const measured = Math.min(20_000, Math.floor(keys / 4));
const writers = 512;
const port = 20_000 + Math.floor(Math.random() * 9_000);
const url = `http://127.0.0.1:${port}`;
const main = join(import.meta.dirname, '../../dist/cli/main.js');
const value = new Uint8Array(1_024).map((_, i) => i * 7);

const common = (dir) => [
  `--data-dir=${dir}`,
  `--listen-client-urls=${url}`,
  `--advertise-client-urls=${url}`,
  '--quota-backend-bytes=8589934592',
];
const targets = {
  etcd: (dir) => ['etcd', ...common(dir), `--listen-peer-urls=http://127.0.0.1:${port + 1}`, '--log-level=error'],
  node: (dir) => [process.execPath, main, 'node', ...common(dir), '--log-level=error'],
};

function clientOf() {
  const endpoints = [parseEndpoint(`127.0.0.1:${port}`)];
  return new Client({ endpoints, channel: defaultChannelSettings, user: null, timeoutMs: 60_000 });
}

/** Until a linearizable read is answered; milliseconds. */
async function start(command) {
  const startMs = performance.now();
  const child = spawn(command[0], command.slice(1), { stdio: 'ignore' });
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${command[0]} ended with ${child.exitCode}`);
    const client = clientOf();
    try {
      await client.unary(KV.Range, { key: Uint8Array.of(1) });
      return { child, ms: performance.now() - startMs };
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      await client.close();
    }
  }
}

function stop(child) {
  return new Promise((resolve) => child.once('exit', resolve) && child.kill('SIGTERM'));
}

/** Puts per second. */
async function put(from, to) {
  const client = clientOf();
  const startMs = performance.now();
  let next = from;
  const write = async () => {
    while (next < to) {
      const key = Buffer.from(String(next++).padStart(256, '0'));
      await client.unary(KV.Put, { key, value });
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
  await client.close();
  return ((to - from) / (performance.now() - startMs)) * 1e3;
}

function memory(pid) {
  const text = readFileSync(`/proc/${pid}/status`, 'latin1');
  const mib = (name) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)?.[1] ?? NaN) / 1024);
  return { rssMiB: mib('VmRSS'), rssAnonMiB: mib('RssAnon'), rssFileMiB: mib('RssFile') };
}

/** Blocks that are taken, as du counts. */
function diskBytes(directory) {
  return readdirSync(directory, { recursive: true }).reduce(
    (sum, name) => sum + statSync(join(directory, name)).blocks * 512,
    0,
  );
}

async function measure(target, command, directory) {
  const first = await start(command);
  const emptyPerSec = await put(0, measured);
  await put(measured, keys - measured);
  const fullPerSec = await put(keys - measured, keys);
  const filled = memory(first.child.pid);
  await stop(first.child);
  const files = diskBytes(directory);
  const second = await start(command);
  const restarted = memory(second.child.pid);
  await stop(second.child);
  const figures = { emptyPerSec, fullPerSec, ...filled, bytesPerKey: files / keys, restartMs: second.ms };
  for (const [name, figure] of Object.entries({ ...figures, rssAnonAfterRestartMiB: restarted.rssAnonMiB }))
    process.stdout.write(`${target.padEnd(6)} ${name.padEnd(24)} ${Math.round(figure).toLocaleString('en-US')}\n`);
}

for (const [target, commandOf] of Object.entries(targets)) {
  const results = join(import.meta.dirname, '../../results');
  mkdirSync(results, { recursive: true });
  const directory = mkdtempSync(join(results, 'million-'));
  try {
    await measure(target, commandOf(directory), directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
