/**
 * The one place where all clients are held back: what is in memory on behalf of writers. Above the high mark sockets are not
 * read any more; below the low mark they are again, so that the gate does not flutter.
 *
 *   proposals not applied + applied and not flushed
 *
 * Only what the node works off by itself may shut the gate. Half-received requests and answers that are not taken depend on
 * the clients, who could then shut it for each other, or for ever: wire's limits bound those (docs/decisions/0008).
 */

/** What is shut: wire's InputGate. */
export interface Gate {
  shut(): void;
  reopen(): void;
}

export interface PressureMarks {
  readonly highBytes: number;
  readonly lowBytes: number;
}

/**
 * A flush takes 2 to 4 µs for a put of 1.3 KB, so 64 MiB are about 0.2 s of the backend's work: enough to ride out a slow
 * sync, not enough to matter beside the index.
 */
const defaultMarks: PressureMarks = { highBytes: 64 * 1024 * 1024, lowBytes: 32 * 1024 * 1024 };

export class Pressure {
  readonly #gate: Gate;
  readonly #marks: PressureMarks;
  #shut = false;
  /** How often the high mark was reached. */
  shutCount = 0;

  constructor(gate: Gate, marks: PressureMarks = defaultMarks) {
    this.#gate = gate;
    this.#marks = marks;
  }

  get isShut(): boolean {
    return this.#shut;
  }

  /** To be told whenever something was added or removed. */
  update(bytes: number): void {
    if (!this.#shut && bytes >= this.#marks.highBytes) {
      this.#shut = true;
      this.shutCount++;
      this.#gate.shut();
    } else if (this.#shut && bytes <= this.#marks.lowBytes) {
      this.#shut = false;
      this.#gate.reopen();
    }
  }
}
