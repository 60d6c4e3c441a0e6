/**
 * Streams by id, and how the recent ones ended.
 *
 * Ids are odd and grow, so `id >> 1` walks around a ring: a lookup is one array read. A stream that outlives a whole lap
 * keeps its slot, and whoever wants it goes to a map. A slot remembers its last id after the stream is gone, which tells
 * a late frame from one for a stream that never was (RFC 9113 5.1) without keeping anything per stream.
 */

/** How a stream ended; what a late frame for it means depends on that. */
export const Ended = {
  /** Not known: too long ago, or skipped over. */
  Unknown: 0,
  /** Both sides said END_STREAM. */
  Cleanly: 1,
  /** We reset it, so the peer may still be sending. */
  ByUs: 2,
  /** The peer reset it. */
  ByPeer: 3,
} as const;
export type Ended = (typeof Ended)[keyof typeof Ended];

const ringSlots = 256;

export class StreamTable<S extends { id: number }> {
  #streams: (S | null)[] = new Array<S | null>(ringSlots).fill(null);
  #ids = new Int32Array(ringSlots);
  #ends = new Uint8Array(ringSlots);
  #mask = ringSlots - 1;
  readonly #overflow = new Map<number, S>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): S | null {
    const stream = this.#streams[(id >>> 1) & this.#mask]!;
    if (stream !== null && stream.id === id) return stream;
    return this.#overflow.size === 0 ? null : (this.#overflow.get(id) ?? null);
  }

  add(stream: S): void {
    this.#size++;
    if (this.#overflow.size > this.#mask >>> 2) this.#grow();
    this.#place(stream);
  }

  remove(stream: S, ended: Ended): void {
    const slot = (stream.id >>> 1) & this.#mask;
    if (this.#streams[slot] === stream) this.#streams[slot] = null;
    else if (!this.#overflow.delete(stream.id)) return;
    this.#size--;
    this.note(stream.id, ended);
  }

  /** Remembers the end of a stream, also of one that was refused without ever being added. */
  note(id: number, ended: Ended): void {
    const slot = (id >>> 1) & this.#mask;
    if (this.#streams[slot] !== null) return;
    this.#ids[slot] = id;
    this.#ends[slot] = ended;
  }

  /** How stream `id` ended, as far as the ring remembers. */
  ended(id: number): Ended {
    const slot = (id >>> 1) & this.#mask;
    return this.#ids[slot] === id ? (this.#ends[slot] as Ended) : Ended.Unknown;
  }

  /** A copy, for the rare visits to all: what they do may add and remove. */
  all(): S[] {
    const all: S[] = [...this.#overflow.values()];
    for (const stream of this.#streams) if (stream !== null) all.push(stream);
    return all;
  }

  #place(stream: S): void {
    const slot = (stream.id >>> 1) & this.#mask;
    if (this.#streams[slot] === null) this.#streams[slot] = stream;
    else this.#overflow.set(stream.id, stream);
  }

  #grow(): void {
    const all = this.all();
    const slots = 2 * (this.#mask + 1);
    this.#streams = new Array<S | null>(slots).fill(null);
    this.#ids = new Int32Array(slots);
    this.#ends = new Uint8Array(slots);
    this.#mask = slots - 1;
    this.#overflow.clear();
    for (const stream of all) this.#place(stream);
  }
}
