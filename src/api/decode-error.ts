/** The one thing that decoding throws. What a peer sent is wrong; what to answer is the caller's choice. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  /** Where in the bytes it was noticed. */
  readonly offset: number;

  constructor(what: string, offset: number) {
    super(`${what} at byte ${offset}`);
    this.offset = offset;
  }
}
