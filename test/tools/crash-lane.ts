/**
 * A member that is killed again and again under load, each time started on what the last time left. Every round writes
 * keys of its own; the next start has to show what was acknowledged, and nothing that was never sent.
 */
import { KV } from '../../src/api/methods.ts';
import type { KeyValue } from '../../src/api/gen/mvccpb/kv.ts';
import { prefixEnd, utf8, utf8Text } from '../../src/base/bytes.ts';
import { createRandom, type Random } from '../../src/base/random.ts';
import { Client } from '../../src/client/client.ts';
import { defaultChannelSettings } from '../../src/client/connect.ts';
import { parseEndpoint } from '../../src/client/endpoint.ts';
import { cleanEnvironment } from './etcd.ts';
import { startNode, type BenchNode } from './node.ts';

/** Where a kill struck, as the last lines of the log tell. */
export interface Strike {
  readonly inFlight: number;
  readonly insideFlush: boolean;
  readonly insideCut: boolean;
  readonly acknowledged: number;
}

/** What the kill waits for. */
export type Moment = 'any' | 'flush' | 'cut';

/** Small batches and segments, so that a flush is nearly always under way and a cut often. */
const args = ['--name=infra0', '--log-level=debug', '--backend-batch-interval=1ms', '--snapshot-count=1000'];
const env = { ...cleanEnvironment(), BENCH_WAL_SEGMENT_BYTES: '65536' };
const flushLines = ['flush begins', 'flush done'] as const;
const cutLines = ['wal cut begins', 'wal cut done'] as const;
const writers = 200;
/** Acknowledged before a kill is thought of. */
const warmUpPuts = 300;
const momentTimeoutMs = 5_000;

export class CrashLane {
  readonly #name: string;
  readonly #random: Random;
  #node: BenchNode | null = null;
  #round = 0;
  #sent = 0;
  /** Key to revision, of the round under way. */
  #acknowledged = new Map<string, number>();
  #settled = 0;
  #dead = false;
  /** After the last check. */
  #revision = 1;
  #keys = 0;
  #waiting: ((text: string) => void) | null = null;

  constructor(name: string, seed: number) {
    this.#name = name;
    this.#random = createRandom(seed);
  }

  /** One life: start, check what the last one left, load, kill at `moment`. */
  async round(moment: Moment): Promise<Strike> {
    const node = await this.#start();
    await this.#check(node);
    this.#round++;
    const client = clientOf(node);
    await client.connect();
    const load = this.#load(client);
    await this.#wait(moment);
    process.kill(node.pid, 'SIGKILL');
    this.#dead = true;
    const inFlight = this.#sent - this.#settled;
    await client.close();
    await load;
    await node.ended;
    const log = node.log();
    return {
      inFlight,
      insideFlush: isOpen(log, ...flushLines),
      insideCut: isOpen(log, ...cutLines),
      acknowledged: this.#acknowledged.size,
    };
  }

  /** One more start: the last round, and that no key of any round has gone since it was checked. */
  async finish(): Promise<void> {
    const node = await this.#start();
    try {
      await this.#check(node);
      const client = clientOf(node);
      const all = utf8(`${this.#name}/`);
      const { count } = await client.unary(KV.Range, { key: all, range_end: prefixEnd(all), count_only: true });
      await client.close();
      if (count !== this.#keys) throw new Error(`${count} keys, ${this.#keys} were there before`);
    } finally {
      await node.stop();
    }
  }

  async #start(): Promise<BenchNode> {
    const onOutput = (text: string): void => this.#waiting?.(text);
    this.#node = this.#node === null ? await startNode({ args, env, onOutput }) : await this.#node.restart();
    return this.#node;
  }

  /** Every acknowledged put is there with its revision; every key was sent; the revisions have no gap and no stranger. */
  async #check(node: BenchNode): Promise<void> {
    const prefix = utf8(`${this.#name}/${this.#round}/`);
    const client = clientOf(node);
    const { kvs, header } = await client.unary(KV.Range, { key: prefix, range_end: prefixEnd(prefix) });
    await client.close();
    const found = new Map(kvs.map((kv) => [utf8Text(kv.key), kv]));
    for (const [key, revision] of this.#acknowledged) {
      const there = found.get(key)?.mod_revision;
      if (there !== revision) throw new Error(`lost: ${key} was acknowledged at ${revision}, now ${there ?? 'absent'}`);
    }
    for (const kv of kvs) this.#checkSent(kv);
    const revisions = kvs.map((kv) => kv.mod_revision).sort((a, b) => a - b);
    const expected = revisions.map((_, i) => this.#revision + 1 + i);
    if (String(revisions) !== String(expected) || header!.revision !== this.#revision + kvs.length)
      throw new Error(`revisions ${this.#revision}..${header!.revision} are not those of ${kvs.length} puts`);
    this.#revision = header!.revision;
    this.#keys += kvs.length;
  }

  #checkSent(kv: KeyValue): void {
    const key = utf8Text(kv.key);
    const number = Number(key.split('/')[2]);
    const wasSent = number >= 0 && number < this.#sent && kv.version === 1 && kv.create_revision === kv.mod_revision;
    if (!wasSent || utf8Text(kv.value) !== valueOf(key)) throw new Error(`never sent: ${key} = ${utf8Text(kv.value)}`);
  }

  async #load(client: Client): Promise<void> {
    this.#sent = this.#settled = 0;
    this.#acknowledged = new Map();
    this.#dead = false;
    await Promise.all(Array.from({ length: writers }, () => this.#write(client)));
  }

  async #write(client: Client): Promise<void> {
    while (!this.#dead) {
      const key = `${this.#name}/${this.#round}/${this.#sent++}`;
      try {
        const { header } = await client.unary(KV.Put, { key: utf8(key), value: utf8(valueOf(key)) });
        this.#acknowledged.set(key, header!.revision);
      } catch (error) {
        if (!this.#dead) throw error;
      }
      this.#settled++;
    }
  }

  async #wait(moment: Moment): Promise<void> {
    while (this.#acknowledged.size < warmUpPuts) await pause(1);
    await pause(this.#random.below(40));
    if (moment === 'any') return;
    const [begins, done] = moment === 'flush' ? flushLines : cutLines;
    await Promise.race([
      pause(momentTimeoutMs),
      new Promise<void>((resolve) => {
        this.#waiting = (text) => {
          if (isOpen(text, begins, done)) resolve();
        };
      }),
    ]);
    this.#waiting = null;
  }
}

function clientOf(node: BenchNode): Client {
  return new Client({
    endpoints: [parseEndpoint(`127.0.0.1:${node.clientPort}`)],
    channel: defaultChannelSettings,
    user: null,
    timeoutMs: 10_000,
  });
}

/** What is written under a key follows from the key. */
function valueOf(key: string): string {
  return `${key}=`.repeat(20);
}

/** Something began after the last time that it was done. */
function isOpen(log: string, begins: string, done: string): boolean {
  return log.lastIndexOf(begins) > log.lastIndexOf(done);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
