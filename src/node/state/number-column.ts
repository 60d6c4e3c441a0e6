/** Numbers one after another in a typed array that grows: no object per number, and memory outside the heap. */

export type NumberArray = Int32Array | Uint32Array | Float64Array | Uint8Array;

const lengthMin = 64;

export class NumberColumn<T extends NumberArray> {
  length = 0;
  /** Valid up to `length`, and until the next `push`. */
  values: T;
  readonly #Array: new (length: number) => T;

  constructor(Array: new (length: number) => T) {
    this.#Array = Array;
    this.values = new Array(lengthMin);
  }

  push(value: number): void {
    if (this.length === this.values.length) this.#grow();
    this.values[this.length++] = value;
  }

  #grow(): void {
    const grown = new this.#Array(this.length * 2);
    grown.set(this.values);
    this.values = grown;
  }
}
