/** What a header block that breaks RFC 7541 is answered with: the connection ends with COMPRESSION_ERROR (RFC 9113 4.3). */
export class HpackError extends Error {
  override readonly name = 'HpackError';
  /** One short clause for the GOAWAY's debug data and the log. */
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}
