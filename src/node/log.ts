/**
 * The node's log in etcd's shape: one object a line with `level`, `ts`, `caller`, `msg` and then the fields in the order in
 * which they were given, as zap writes it, to one or several outputs. `--log-format=console` is zap's other form.
 *
 * Promises: a line costs nothing below the level; what a caller gives as a field can always be written; `fatal` has left
 * the process when it returns.
 */
import type { LogFields, LogFormat, LogLevel, NodeLog } from './config.ts';
import { callerOf } from './log-caller.ts';
import { LogSink } from './log-sink.ts';

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** `default` and `stderr`, `stdout`, or paths of files, which are appended to. */
  readonly outputs: readonly string[];
  /** Unix milliseconds. */
  readonly wallMs: () => number;
}

/** A log that can be ended: what is pending leaves, within a bound, then nothing more does. */
export interface EndableLog extends NodeLog {
  close(): Promise<void>;
}

const order: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'panic', 'fatal'];

/** Throws node's error when a file cannot be opened; its path is in the error. */
export function openLog(options: LogOptions): EndableLog {
  const line = new LineWriter(options);
  // As etcd: each place once, and where everything is thrown away nothing else is written to.
  const places = new Set(options.outputs.map(placeOf));
  const chosen = places.has('/dev/null') ? ['/dev/null'] : [...places];
  const sinks = chosen.map((place) => new LogSink(place, (count) => line.text('warn', droppedMessage, { count }, '')));
  return new SinkLog(options.level, line, sinks);
}

const droppedMessage = 'log lines were dropped: the reader is too slow';

function placeOf(output: string): number | string {
  return output === 'stdout' ? 1 : output === 'stderr' || output === 'default' ? 2 : output;
}

class SinkLog implements EndableLog {
  readonly #from: number;
  readonly #line: LineWriter;
  readonly #sinks: readonly LogSink[];

  constructor(level: LogLevel, line: LineWriter, sinks: readonly LogSink[]) {
    this.#from = order.indexOf(level);
    this.#line = line;
    this.#sinks = sinks;
  }

  debug(message: string, fields?: LogFields): void {
    if (this.#from <= 0) this.#write('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    if (this.#from <= 1) this.#write('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    if (this.#from <= 2) this.#write('warn', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    if (this.#from <= 3) this.#write('error', message, fields);
  }

  fatal(message: string, fields: LogFields = {}): void {
    const text = this.#line.text('fatal', message, fields, callerOf(this, 'fatal'));
    const written = this.#sinks.map((sink) => sink.writeNow(text));
    // As when a log file is on the disk whose being full is told here.
    if (!written.includes(true)) new LogSink(placeOf('stderr'), () => '').writeNow(text);
  }

  async close(): Promise<void> {
    await Promise.all(this.#sinks.map((sink) => sink.close()));
  }

  #write(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields: LogFields = {}): void {
    const text = this.#line.text(level, message, fields, callerOf(this, level));
    for (const sink of this.#sinks) sink.write(text);
  }
}

class LineWriter {
  readonly #options: LogOptions;

  constructor(options: LogOptions) {
    this.#options = options;
  }

  text(level: LogLevel, message: string, fields: LogFields, caller: string): string {
    const ts = new Date(this.#options.wallMs()).toISOString();
    if (this.#options.format === 'console') {
      const more = fieldTexts(fields, ': ').join(', ');
      return `${ts}\t${level}\t${caller}\t${message}${more === '' ? '' : `\t{${more}}`}\n`;
    }
    const rest = fieldTexts(fields, ':').join(',');
    const head = `{"level":"${level}","ts":"${ts}","caller":${JSON.stringify(caller)},"msg":${JSON.stringify(message)}`;
    return rest === '' ? `${head}}\n` : `${head},${rest}}\n`;
  }
}

/** `"name":value` of each field. */
function fieldTexts(fields: LogFields, colon: string): string[] {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    const text = valueText(value);
    if (text !== null) parts.push(`${JSON.stringify(name)}${colon}${text}`);
  }
  return parts;
}

/** Fields come from everywhere: what JSON has no word for becomes a text, and what refuses to become one is left out. */
function valueText(value: unknown): string | null {
  try {
    return JSON.stringify(value, plain) ?? null;
  } catch {
    return '"?"';
  }
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Error) return value.message;
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
