/** Lines for people, on stderr, so that stdout stays free for results; who makes one says how a warning is marked. */
export interface Log {
  info(line: string): void;
  warn(line: string): void;
}
