/** Lines for people, on stderr, so that stdout stays free for results. */
export interface Log {
  info(line: string): void;
  warn(line: string): void;
}

/** Writes `line` to stderr; warnings carry the word. */
export const stderrLog: Log = {
  info: (line) => void process.stderr.write(`${line}\n`),
  warn: (line) => void process.stderr.write(`warning: ${line}\n`),
};

export const silentLog: Log = { info: () => {}, warn: () => {} };
