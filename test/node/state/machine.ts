/** A state machine on a backend in memory, driven by commands as tests like to write them. */
import { EntryType, type Entry } from '../../../src/node/raft/entry.ts';
import { ArenaKeyIndex } from '../../../src/node/state/key-index/arena-key-index.ts';
import type { KeyIndex } from '../../../src/node/state/key-index.ts';
import { StateMachine, type StateOptions } from '../../../src/node/state/state-machine.ts';
import type { Applied, RangeQuery } from '../../../src/node/state/state.ts';
import type { KeyValue } from '../../../src/api/gen/mvccpb/kv.ts';
import { MemoryStorage } from '../memory-storage.ts';
import { requestBytes, type Command } from './entries.ts';

const everything: RangeQuery = {
  key: Uint8Array.of(0),
  rangeEnd: Uint8Array.of(0),
  revision: 0,
  limit: 0,
  sortOrder: 'none',
  sortTarget: 'key',
  keysOnly: false,
  countOnly: false,
  minModRevision: 0,
  maxModRevision: 0,
  minCreateRevision: 0,
  maxCreateRevision: 0,
};

export interface RangeAnswer {
  readonly count: number;
  readonly more: boolean;
  readonly kvs: KeyValue[];
}

export class Machine {
  readonly storage: MemoryStorage;
  readonly state: StateMachine;
  readonly log: Entry[];
  /** Ends the commit that is under way, if there is one. */
  finishCommit: (() => void) | null = null;

  constructor(
    options: Partial<StateOptions> & { index?: KeyIndex } = {},
    storage = new MemoryStorage(),
    log: Entry[] = [],
  ) {
    this.storage = storage;
    this.state = new StateMachine(storage, options.index ?? new ArenaKeyIndex(), {
      clock: { wallMs: () => 1_700_000_000_000 },
      ...options,
    });
    this.log = log;
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

  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.state.flush((error) => (error === null ? resolve() : reject(error)));
    });
  }

  /** Until the compactions are in the backend. */
  async settle(): Promise<void> {
    do {
      while (this.state.work());
      await this.flush();
    } while (this.state.work() || this.state.unflushedOperations > 0);
  }

  /** Throws the error's message. `budget` and `bufferBytes` make it a range in many slices. */
  range(query: Partial<RangeQuery> = {}): RangeAnswer {
    const cursor = this.state.mvcc.openRange({ ...everything, ...query });
    if ('grpc' in cursor) throw new Error(cursor.message);
    while (!cursor.prepare(2));
    const answer = { count: cursor.count, more: cursor.more, kvs: cursor.keyValues() };
    cursor.close();
    return answer;
  }
}
