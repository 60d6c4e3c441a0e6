/** A state machine on a backend in memory, driven by commands as tests like to write them. */
import { EntryType, type Entry } from '../../../src/node/raft/entry.ts';
import { ArenaKeyIndex } from '../../../src/node/state/key-index/arena-key-index.ts';
import type { KeyIndex } from '../../../src/node/state/key-index.ts';
import { rangeQueryOf } from '../../../src/node/state/range-query.ts';
import { StateMachine, type StateOptions } from '../../../src/node/state/state-machine.ts';
import type { Applied, RangeCursor, RangeQuery, State } from '../../../src/node/state/state.ts';
import { expect } from 'vitest';
import { concatBytes } from '../../../src/base/bytes.ts';
import { RangeRequest, RangeResponse } from '../../../src/api/gen/etcdserverpb/kv.ts';
import { KeyValue } from '../../../src/api/gen/mvccpb/kv.ts';
import { MemoryStorage } from '../memory-storage.ts';
import { requestBytes, type Command } from './entries.ts';

const toTheEnd = Uint8Array.of(0);
/** Every key. */
export const everything = rangeQueryOf(RangeRequest.create({ key: toTheEnd, range_end: toTheEnd }));

export interface RangeAnswer {
  readonly count: number;
  readonly more: boolean;
  readonly kvs: KeyValue[];
}

/** Commits that end when the test says so. */
class CommitGate {
  finish: (() => void) | null = null;
  readonly later = (finish: () => void): void => void (this.finish = finish);
}

export interface MachineOptions extends Partial<StateOptions> {
  /** A fresh one for every start. */
  readonly newIndex?: () => KeyIndex;
}

export class Machine {
  readonly storage: MemoryStorage;
  readonly state: StateMachine;
  readonly log: Entry[];
  readonly #options: MachineOptions;
  readonly #gate: CommitGate | null;

  constructor(
    options: MachineOptions = {},
    storage: MemoryStorage = new MemoryStorage(),
    log: Entry[] = [],
    gate: CommitGate | null = null,
  ) {
    this.storage = storage;
    this.state = new StateMachine(storage, options.newIndex?.() ?? new ArenaKeyIndex(), {
      clock: { wallMs: () => 1_700_000_000_000 },
      ...options,
    });
    this.log = log;
    this.#options = options;
    this.#gate = gate;
  }

  /** One whose commits end with `endFlush`. */
  static manual(options: MachineOptions = {}): Machine {
    const gate = new CommitGate();
    return new Machine(options, new MemoryStorage(gate), [], gate);
  }

  apply(command: Command): Applied {
    return this.applyData(requestBytes(command));
  }

  applyData(data: Uint8Array, type: EntryType = EntryType.normal): Applied {
    const entry = { term: 2, index: this.state.appliedIndex + 1, type, data };
    this.log.push(entry);
    return this.replay(entry);
  }

  replay(entry: Entry): Applied {
    const applied: Applied = { error: null, revision: 0, response: null };
    this.state.apply(entry, applied);
    return applied;
  }

  /** Unless one is under way. */
  beginFlush(): void {
    if (this.#gate?.finish === null) this.state.flush((error) => expect(error).toBe(null));
  }

  endFlush(): void {
    const finish = this.#gate?.finish ?? null;
    if (this.#gate !== null) this.#gate.finish = null;
    finish?.();
  }

  /** Killed and started again: what was not flushed is applied again from the log. */
  restarted(isPendingWritten: boolean): Machine {
    const gate = new CommitGate();
    const machine = new Machine(this.#options, this.storage.crash(isPendingWritten, gate), this.log, gate);
    for (const entry of this.log) machine.replay(entry);
    return machine;
  }

  async flush(): Promise<void> {
    const flushed = new Promise<void>((resolve, reject) => {
      this.state.flush((error) => (error === null ? resolve() : reject(error)));
    });
    this.endFlush();
    await flushed;
  }

  /** Until the compactions are in the backend. */
  async settle(): Promise<void> {
    do {
      while (this.state.work());
      await this.flush();
    } while (this.state.work() || this.state.unflushedOperations > 0);
  }

  /** The backend's table of keys: revision, key, value. */
  storedChanges(): string[] {
    const changes: string[] = [];
    this.storage.scan('key', new Uint8Array(0), null, (name, value) => {
      const kv = KeyValue.decode(value);
      const main = Buffer.from(name).readBigUInt64BE(0);
      const text = name.length === 18 ? 'deleted' : Buffer.from(kv.value).toString('latin1');
      changes.push(`${main} ${Buffer.from(kv.key).toString('latin1')} ${text}`);
      return true;
    });
    return changes;
  }

  range(query: Partial<RangeQuery> = {}): RangeAnswer {
    return rangeOf(this.state, query);
  }
}

/** Throws the error's message. In small slices, and through small buffers, whose bytes must be the same key-values. */
function rangeOf(state: State, query: Partial<RangeQuery>): RangeAnswer {
  const cursor = state.mvcc.openRange({ ...everything, ...query });
  if ('grpc' in cursor) throw new Error(cursor.message);
  while (!cursor.prepare(2));
  const { count, more, encodedBytes } = cursor;
  const written = RangeResponse.decode(writtenBytes(cursor, encodedBytes)).kvs;
  const kvs = cursor.keyValues();
  expect(written).toEqual(kvs);
  expect(kvs.length).toBe(cursor.keyValuesCount);
  cursor.close();
  return { count, more, kvs };
}

/** All that can still be read, at each revision. */
export function readable(state: State): RangeAnswer[] {
  const { revision, compactedRevision } = state.mvcc;
  const first = Math.max(1, compactedRevision);
  return Array.from({ length: revision - first + 1 }, (_, i) => rangeOf(state, { revision: first + i }));
}

/** Parts of a key-value, and several of them. */
const bufferSizes = [7, 1, 60, 3, 200];

/** The last buffer is not filled, or there was none. */
function writtenBytes(cursor: RangeCursor, encodedBytes: number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let i = 0; ; i++) {
    const buffer = new Uint8Array(bufferSizes[i % bufferSizes.length]!);
    const end = cursor.write(buffer, 0);
    if (end < 0) break;
    parts.push(buffer.subarray(0, end));
  }
  const bytes = concatBytes(parts);
  expect(bytes.length).toBe(encodedBytes);
  return Uint8Array.from(bytes);
}
