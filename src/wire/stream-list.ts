/** Streams in line, first in first out, linked through themselves: adding and leaving cost no allocation and no search. */
import type { Http2Stream } from './http2-stream.ts';

export class StreamList {
  #first: Http2Stream | null = null;
  #last: Http2Stream | null = null;
  length = 0;

  get first(): Http2Stream | null {
    return this.#first;
  }

  /** At the end; a stream that is in line already keeps its place. */
  push(stream: Http2Stream): void {
    if (stream.listed) return;
    stream.listed = true;
    stream.previous = this.#last;
    if (this.#last === null) this.#first = stream;
    else this.#last.next = stream;
    this.#last = stream;
    this.length++;
  }

  /** A stream that is not in line is left alone. */
  remove(stream: Http2Stream): void {
    if (!stream.listed) return;
    if (stream.previous === null) this.#first = stream.next;
    else stream.previous.next = stream.next;
    if (stream.next === null) this.#last = stream.previous;
    else stream.next.previous = stream.previous;
    stream.next = null;
    stream.previous = null;
    stream.listed = false;
    this.length--;
  }
}
