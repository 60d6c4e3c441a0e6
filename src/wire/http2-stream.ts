/**
 * What the HTTP/2 layer knows of one stream; calls of either side extend it. Windows count bytes as RFC 9113 5.2 does and
 * may be negative after the peer shrank its SETTINGS_INITIAL_WINDOW_SIZE (6.9.2).
 */
import { copyBytes, emptyBytes } from '../base/bytes.ts';
import type { MessageReader } from './message-reader.ts';
import type { SendQueue } from './send-queue.ts';

export abstract class Http2Stream {
  id = 0;
  /** What the peer lets us send. */
  sendWindow = 0;
  /** What we let the peer send. */
  receiveWindow = 0;
  /** Consumed, and not yet announced by WINDOW_UPDATE. */
  credit = 0;
  /** END_STREAM has left, or come. */
  localEnded = false;
  remoteEnded = false;
  /** Not in the table any more: whatever is asked of it is ignored. */
  over = false;
  /** What `tick` compares with the clock; Infinity is nothing. */
  alarmMs = Infinity;
  /** When the call's time is up; Infinity is never. */
  deadlineMs = Infinity;
  /** Since when bytes are queued, or when the last of them left; Infinity while none are. */
  stalledSinceMs = Infinity;
  /** Charged to the account while open. */
  chargedBytes = 0;
  /** Only for messages that do not come in one frame each. */
  reader: MessageReader | null = null;
  /** The unary message that has come; while `messageBorrowed` it is a slice of the chunk being received. */
  message: Uint8Array = emptyBytes;
  hasMessage = false;
  messageBorrowed = false;
  /** Nobody takes messages now: what comes is held, and its flow-control bytes are withheld. */
  paused = false;
  withheld = 0;
  queue: SendQueue | null = null;
  /** `send` said false and nobody was told to go on yet. */
  drainWanted = false;
  /** Links of the one list it is in: waiting to send, or waiting to be opened. */
  next: Http2Stream | null = null;
  previous: Http2Stream | null = null;
  listed = false;

  /** What came last left a message unfinished. */
  get midMessage(): boolean {
    return this.reader !== null && this.reader.midMessage;
  }

  /** What had been refused for want of room would be taken now. */
  abstract onDrain(): void;

  /** All that was queued has left: trailers that waited for it may follow. */
  abstract onQueueEmpty(): void;

  /** A unary message outlives the chunk it came in. True when it had to be copied. */
  ownMessage(): boolean {
    if (!this.messageBorrowed) return false;
    this.message = copyBytes(this.message);
    this.messageBorrowed = false;
    return true;
  }
}
