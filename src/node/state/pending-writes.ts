/**
 * Changes of the small tables (members, alarms, meta) that wait for the next transaction. Of each key only the last one is
 * kept, so there are never more than there are members and alarms.
 */
import { utf8 } from '../../base/bytes.ts';
import type { Table, WriteTransaction } from '../ports.ts';

interface PendingWrite {
  readonly table: Table;
  readonly key: Uint8Array;
  /** Null deletes. */
  readonly value: Uint8Array | null;
}

export class PendingWrites {
  readonly #byName = new Map<string, PendingWrite>();

  /** All arrays are the queue's from now on. */
  put(table: Table, key: Uint8Array, value: Uint8Array): void {
    this.#byName.set(nameOf(table, key), { table, key, value });
  }

  delete(table: Table, key: Uint8Array): void {
    this.#byName.set(nameOf(table, key), { table, key, value: null });
  }

  flushInto(transaction: WriteTransaction): void {
    for (const { table, key, value } of this.#byName.values()) {
      if (value === null) transaction.delete(table, key);
      else transaction.put(table, key, value);
    }
    this.#byName.clear();
  }
}

function nameOf(table: Table, key: Uint8Array): string {
  return `${table} ${Buffer.from(key).toString('hex')}`;
}

/** Keys of table `meta` (docs/etcd-facts.md, backend buckets). */
export const metaKeys = {
  consistentIndex: utf8('consistent_index'),
  term: utf8('term'),
  confState: utf8('confState'),
  scheduledCompaction: utf8('scheduledCompactRev'),
  finishedCompaction: utf8('finishedCompactRev'),
} as const;
