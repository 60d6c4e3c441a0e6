/**
 * Put, with its options: what it asks for is checked before anything changes. A flag that keeps a value or lease reads it
 * from what is stored.
 */
import { etcdErrors, type EtcdError } from '../../api/errors.ts';
import type { KeyValue } from '../../api/gen/mvccpb/kv.ts';
import type { LeaseTable } from './leases.ts';
import type { PutCommand } from './put-command.ts';
import type { RevisionStore } from './revision-store.ts';
import { StoredRecordReader } from './stored-record.ts';

export class Puts {
  readonly #store: RevisionStore;
  readonly #leases: LeaseTable;
  readonly #reader = new StoredRecordReader();

  constructor(store: RevisionStore, leases: LeaseTable) {
    this.#store = store;
    this.#leases = leases;
  }

  leaseError(command: PutCommand): EtcdError | null {
    if (!command.hasLease || this.#leases.exists(command.leaseLow, command.leaseHigh)) return null;
    return etcdErrors.LEASE_NOT_FOUND;
  }

  /** What is kept must be there. */
  keyError(command: PutCommand): EtcdError | null {
    if (!command.ignoreValue && !command.ignoreLease) return null;
    return this.#record(command) < 0 ? etcdErrors.KEY_NOT_FOUND : null;
  }

  /** Answers the pair before, if it was asked for and there was one. Both checks have passed. */
  execute(command: PutCommand): KeyValue | undefined {
    const { prevKv, ignoreValue, ignoreLease } = command;
    let previous: KeyValue | undefined;
    if (prevKv || ignoreValue || ignoreLease) {
      const record = this.#record(command);
      if (prevKv && record >= 0) previous = this.#store.keyValue(record);
      if (record >= 0 && (ignoreValue || ignoreLease)) this.#keep(command, record);
    }
    this.#store.put(command);
    return previous;
  }

  #keep(command: PutCommand, record: number): void {
    const bytes = this.#store.stored(record);
    this.#reader.read(bytes);
    if (command.ignoreValue) {
      command.valueSource = bytes;
      command.valueStart = this.#reader.valueStart;
      command.valueEnd = this.#reader.valueEnd;
    }
    if (command.ignoreLease) {
      command.leaseLow = this.#reader.leaseLow;
      command.leaseHigh = this.#reader.leaseHigh;
    }
  }

  /** What there is of the key now; -1 when it does not exist. */
  #record(command: PutCommand): number {
    const { index, readRevision } = this.#store;
    const slot = index.find(command.keySource, command.keyStart, command.keyEnd);
    return slot < 0 ? -1 : index.recordAt(slot, readRevision);
  }
}
