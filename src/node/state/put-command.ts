/** A put as the store takes it, whether it came as bytes of its own or as an operation of a transaction: one object, refilled. */
import { emptyBytes } from '../../base/bytes.ts';
import type { PutRequestReader } from '../../api/hot/put-request-reader.ts';
import type { PutRequest } from '../../api/gen/etcdserverpb/kv.ts';

export class PutCommand {
  keySource = emptyBytes;
  keyStart = 0;
  keyEnd = 0;
  valueSource = emptyBytes;
  valueStart = 0;
  valueEnd = 0;
  /** Unsigned halves; both 0 without one. */
  leaseLow = 0;
  leaseHigh = 0;
  prevKv = false;
  ignoreValue = false;
  ignoreLease = false;

  get hasLease(): boolean {
    return (this.leaseLow | this.leaseHigh) !== 0;
  }

  /** The put that `reader` has read from `bytes`. */
  fromReader(reader: PutRequestReader, bytes: Uint8Array): void {
    this.keySource = this.valueSource = bytes;
    this.keyStart = reader.keyStart;
    this.keyEnd = reader.keyEnd;
    this.valueStart = reader.valueStart;
    this.valueEnd = reader.valueEnd;
    this.leaseLow = reader.leaseLow >>> 0;
    this.leaseHigh = reader.leaseHigh >>> 0;
    this.prevKv = reader.prevKv;
    this.ignoreValue = reader.ignoreValue;
    this.ignoreLease = reader.ignoreLease;
  }

  fromMessage(request: PutRequest): void {
    this.keySource = request.key;
    this.valueSource = request.value;
    this.keyStart = this.valueStart = 0;
    this.keyEnd = request.key.length;
    this.valueEnd = request.value.length;
    this.leaseLow = Number(BigInt.asUintN(32, request.lease));
    this.leaseHigh = Number(BigInt.asUintN(32, request.lease >> 32n));
    this.prevKv = request.prev_kv;
    this.ignoreValue = request.ignore_value;
    this.ignoreLease = request.ignore_lease;
  }
}
