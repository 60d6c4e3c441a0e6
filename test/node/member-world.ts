/** A member of one over ports in memory: started, asked, crashed and started again over what its disks have kept. */
import type { EtcdError } from '../../src/api/errors.ts';
import { PutRequest } from '../../src/api/gen/etcdserverpb/kv.ts';
import { utf8, utf8Text } from '../../src/base/bytes.ts';
import type { NodeLog } from '../../src/node/config.ts';
import type { LoopConfig, Node } from '../../src/node/node.ts';
import { StateMachine } from '../../src/node/state/state-machine.ts';
import { ArenaKeyIndex } from '../../src/node/state/key-index/arena-key-index.ts';
import { clusterId, memberId, memberOf, type Recording } from './member.ts';
import { MemoryClock } from './memory-clock.ts';
import { MemoryLogDisk, MemoryLogStore } from './memory-log-store.ts';
import { MemoryStorage, type MemoryStorageOptions } from './memory-storage.ts';
import { everything } from './state/machine.ts';

export interface WorldOptions {
  readonly config?: Partial<LoopConfig>;
  /** What one sync of the log takes; null: the test syncs. Default 1. */
  readonly syncMs?: number | null;
  /** Commits of the backend wait for the test. Default: they take 5 ms. */
  readonly holdsCommits?: boolean;
  readonly name?: string;
  readonly clientUrls?: readonly string[];
}

/** What became of one request. */
export class Answer {
  state: 'open' | 'done' | 'failed' = 'open';
  revision = 0;
  error: EtcdError | null = null;
}

export class MemberWorld {
  readonly clock = new MemoryClock();
  readonly logDisk = new MemoryLogDisk(memberId, clusterId);
  readonly fatal: string[] = [];
  readonly lines: string[] = [];
  readonly gate: string[] = [];
  published = false;
  storage: MemoryStorage;
  state!: StateMachine;
  log!: MemoryLogStore;
  node!: Node;
  recording!: Recording;
  /** Commits of the backend that have not ended, when the test ends them. */
  readonly commits: (() => void)[] = [];
  #options: WorldOptions;
  readonly #storageOptions: MemoryStorageOptions;
  #lives = 0;

  constructor(options: WorldOptions = {}) {
    this.#options = options;
    this.#storageOptions = {
      later: (finish) => (options.holdsCommits ? void this.commits.push(finish) : void this.clock.after(5, finish)),
    };
    this.storage = new MemoryStorage(this.#storageOptions);
    this.start();
  }

  /** From what is on the disks. */
  start(seed = 1): void {
    const { clock } = this;
    const { config, name, clientUrls, syncMs = 1 } = this.#options;
    let node: Node | null = null;
    this.log = new MemoryLogStore({
      disk: this.logDisk,
      clock,
      observer: { onPersisted: (number) => node?.onPersisted(number), onFailed: (error) => node?.onFailed(error) },
      syncMs,
    });
    this.state = new StateMachine(this.storage, new ArenaKeyIndex(), { clock });
    this.published = false;
    const life = ++this.#lives;
    const member = memberOf({
      clock,
      log: this.log,
      found: this.logDisk.restored(),
      state: this.state,
      seed,
      config,
      name,
      clientUrls,
      lines: this.#nodeLog(),
      gate: { shut: () => void this.gate.push('shut'), reopen: () => void this.gate.push('open') },
      onPublished: () => (this.published = true),
      onFatal: (problem) => (life === this.#lives ? void this.fatal.push(problem) : undefined),
    });
    node = member.node;
    this.node = node;
    this.recording = member.recording;
    node.start();
  }

  /** Lets it come up. */
  ready(): this {
    this.clock.pass(50);
    return this;
  }

  /**
   * Kills the process: of what the log has not synced `kept` steps survive, of the backend what is committed, and by
   * chance the commit that is under way.
   */
  crash(kept = 0, isPendingWritten = false): void {
    this.log.crash(kept);
    this.#lives++;
    this.node.onFailed(new Error('killed')); // a dead process hears nothing and answers nobody
    this.storage = this.storage.crash(isPendingWritten, this.#storageOptions);
  }

  /** Another process on the same disks, perhaps with other flags. */
  restart(options: WorldOptions = {}): void {
    this.#options = { ...this.#options, ...options };
    this.start();
  }

  put(key: string, value: string): Answer {
    const answer = new Answer();
    const request = PutRequest.encode(PutRequest.create({ key: utf8(key), value: utf8(value) })).finish();
    this.node.proposePut(request, {
      onApplied: ({ revision, error }) => {
        answer.state = error === null ? 'done' : 'failed';
        answer.revision = revision;
        answer.error = error;
      },
      onFailed: (error) => {
        answer.state = 'failed';
        answer.error = error;
      },
    });
    return answer;
  }

  read(): Answer {
    const answer = new Answer();
    this.node.readIndex({
      onReadable: () => {
        answer.state = 'done';
        answer.revision = this.state.mvcc.revision;
      },
      onFailed: (error) => {
        answer.state = 'failed';
        answer.error = error;
      },
    });
    return answer;
  }

  /** Every key with its value and modification. */
  contents(): Record<string, string> {
    return contentsOf(this.state);
  }

  #nodeLog(): NodeLog {
    const say = (message: string): void => void this.lines.push(message);
    return { debug: () => {}, info: say, warn: say, error: say, fatal: say };
  }
}

export function contentsOf(state: StateMachine): Record<string, string> {
  const cursor = state.mvcc.openRange(everything);
  if ('message' in cursor) throw new Error(cursor.message);
  while (!cursor.prepare(1_000));
  const found = cursor.keyValues().map(({ key, value, mod_revision }) => {
    return [utf8Text(key), `${utf8Text(value)}@${mod_revision}`] as const;
  });
  cursor.close();
  return Object.fromEntries(found);
}
