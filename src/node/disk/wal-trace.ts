/** What the log has to say beside its results: the node's log fits, and tests listen. */
export interface WalTrace {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
