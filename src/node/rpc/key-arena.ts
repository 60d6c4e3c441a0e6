/**
 * Keys that outlive their request's bytes for the moment until they are looked up, one behind the other in a block: no
 * array of its own for each. A block is forgotten when it is full, and gone when the last who waits in it is.
 */
import { copyRange } from '../state/stored-record.ts';

const blockBytes = 64 * 1024;

export class KeyArena {
  /** Where the key that was kept last lies, from `start` to `end`. */
  block: Uint8Array = new Uint8Array(blockBytes);
  start = 0;
  end = 0;

  keep(source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (this.end + length > this.block.length) {
      this.block = new Uint8Array(Math.max(blockBytes, length));
      this.end = 0;
    }
    this.start = this.end;
    this.end = copyRange(this.block, this.start, source, start, end);
  }
}
