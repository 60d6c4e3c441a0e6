/**
 * A real etcd for tests: fresh directory, free loopback ports below the ephemeral range, nothing inherited from ETCD_*
 * variables. Starting is bounded and retried when a port was taken in between; stopping is by pid and removes the data.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface EtcdOptions {
  /** More flags, after ours. */
  readonly args?: readonly string[];
  /** PEM files; clients need a certificate of `caFile` when that is given. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string; readonly caFile?: string };
  /** The binary; default `etcd`. */
  readonly binary?: string;
}

export interface Etcd {
  readonly name: string;
  readonly url: string;
  readonly peerUrl: string;
  readonly clientPort: number;
  readonly dataDir: string;
  readonly pid: number;
  /** What it has written so far. */
  log(): string;
  /** SIGTERM, then SIGKILL after 5 s; data stays when `keepData`. */
  stop(keepData?: boolean): Promise<void>;
  /** SIGKILL; data stays. */
  kill(): Promise<void>;
  /** After `stop(true)` or `kill`: the same ports, the same data. */
  restart(): Promise<Etcd>;
}

interface Ports {
  readonly client: number;
  readonly peer: number;
}

interface Member {
  readonly name: string;
  readonly ports: Ports;
  readonly dataDir: string;
  /** `--initial-cluster`. */
  readonly cluster: string;
}

const startAttempts = 3;
const startTimeoutMs = 30_000;
const stopTimeoutMs = 5_000;

/** One member. */
export async function startEtcd(options: EtcdOptions = {}): Promise<Etcd> {
  const [member] = await startEtcdCluster(1, options);
  return member!;
}

/** `size` members that have found a leader. */
export async function startEtcdCluster(size: number, options: EtcdOptions = {}): Promise<Etcd[]> {
  for (let attempt = 1; ; attempt++) {
    const members = await planMembers(size);
    const started = await Promise.allSettled(members.map((member) => launch(member, options)));
    const running = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    if (running.length === size) return running;
    await Promise.all(running.map((each) => each.stop()));
    const failure = started.find((each) => each.status === 'rejected');
    if (attempt === startAttempts) throw new Error(`etcd did not start: ${String(failure?.reason)}`);
  }
}

/** A loopback port that was free a moment ago, outside the range that outgoing connections take theirs from. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!free) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

async function planMembers(size: number): Promise<Member[]> {
  const planned: Omit<Member, 'cluster'>[] = [];
  for (let i = 0; i < size; i++) {
    const ports = { client: await freePort(), peer: await freePort() };
    planned.push({ name: `infra${i}`, ports, dataDir: await mkdtemp(join(tmpdir(), 'qb-etcd-')) });
  }
  const cluster = planned.map(({ name, ports }) => `${name}=http://127.0.0.1:${ports.peer}`).join(',');
  return planned.map((member) => ({ ...member, cluster }));
}

async function launch(member: Member, options: EtcdOptions): Promise<Etcd> {
  // setpriv (util-linux) has the kernel kill etcd when the test process dies, however it dies.
  const command = ['--pdeathsig', 'KILL', options.binary ?? 'etcd', ...flagsOf(member, options)];
  const child = spawn('setpriv', command, {
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { value: '' };
  child.stdout.on('data', (chunk: Buffer) => (text.value += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text.value += chunk.toString()));
  try {
    await ready(child, text);
  } catch (thrown) {
    await end(child, 'SIGKILL');
    await rm(member.dataDir, { recursive: true, force: true });
    throw thrown;
  }
  return handle(child, member, options, text);
}

function handle(child: ChildProcess, member: Member, options: EtcdOptions, text: { value: string }): Etcd {
  return {
    name: member.name,
    peerUrl: `http://127.0.0.1:${member.ports.peer}`,
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${member.ports.client}`,
    clientPort: member.ports.client,
    dataDir: member.dataDir,
    pid: child.pid!,
    log: () => text.value,
    stop: async (keepData = false) => {
      await end(child, 'SIGTERM');
      if (!keepData) await rm(member.dataDir, { recursive: true, force: true });
    },
    kill: () => end(child, 'SIGKILL'),
    restart: () => launch(member, options),
  };
}

function flagsOf(member: Member, options: EtcdOptions): string[] {
  const { tls } = options;
  const client = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${member.ports.client}`;
  const peer = `http://127.0.0.1:${member.ports.peer}`;
  const flags = {
    name: member.name,
    'data-dir': member.dataDir,
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': member.cluster,
    ...(tls === undefined ? {} : { 'cert-file': tls.certFile, 'key-file': tls.keyFile }),
    ...(tls?.caFile === undefined ? {} : { 'trusted-ca-file': tls.caFile, 'client-cert-auth': 'true' }),
  };
  return [...Object.entries(flags).map(([name, value]) => `--${name}=${value}`), ...(options.args ?? [])];
}

/** Ours without what would configure an etcd behind the test's back. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ETCD_')));
}

/** Resolves when the log says so, as it does in every release of etcd and with every kind of TLS; rejects when it ended. */
async function ready(child: ChildProcess, text: { value: string }): Promise<void> {
  const endMs = Date.now() + startTimeoutMs;
  const failure = { text: '' };
  child.once('error', (error) => (failure.text = error.message));
  while (!/ready to serve( insecure)? client requests|serving (insecure )?client requests/.test(text.value)) {
    if (failure.text !== '') throw new Error(failure.text);
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended: ${text.value.slice(-1_500)}`);
    if (Date.now() > endMs) throw new Error(`it is not ready after ${startTimeoutMs} ms: ${text.value.slice(-1_500)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Resolves once it is gone; SIGKILL follows after 5 s. */
function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill(signal);
  });
}
