/**
 * How a run is going, on stderr: one line redrawn in place on a terminal, a line every few seconds anywhere else (a log, a
 * terminal that is dumb). The line is cut to the terminal's width and cleared at the end, so that nothing of it stays.
 */
import type { LoadProgress } from '../bench/load-spec.ts';
import { formatDurationMs } from '../base/duration.ts';
import { formatCount, formatPerSecond } from '../base/figures.ts';

/** A terminal is redrawn this often at most; a log gets a line this often. */
const redrawMs = 200;
const lineMs = 5_000;
const barCells = 24;

/** Where progress goes. */
export interface ProgressSink {
  /** A terminal that takes control sequences. */
  readonly redraws: boolean;
  readonly columns: number;
  write(text: string): void;
}

export class Progress {
  readonly #sink: ProgressSink;
  readonly #now: () => number;
  #lastMs = -Infinity;
  #drawn = false;

  /** `now` is the monotonic clock in ms. */
  constructor(sink: ProgressSink, now: () => number) {
    this.#sink = sink;
    this.#now = now;
  }

  /** `title` says which target and round. */
  update(title: string, progress: LoadProgress): void {
    const nowMs = this.#now();
    if (nowMs - this.#lastMs < (this.#sink.redraws ? redrawMs : lineMs)) return;
    this.#lastMs = nowMs;
    const text = `${title}  ${this.#sink.redraws ? `${bar(progress.fraction)} ` : ''}${describe(progress)}`;
    if (this.#sink.redraws) this.#redraw(text);
    else this.#sink.write(`${text}\n`);
  }

  /** A line that stays, above the bar. */
  line(text: string): void {
    this.clear();
    this.#sink.write(`${text}\n`);
  }

  /** Something without figures that is under way; replaced by whatever comes next. Nothing on a plain log. */
  status(text: string): void {
    if (this.#sink.redraws) this.#redraw(text);
  }

  /** Leaves the terminal as it was found. */
  clear(): void {
    if (this.#drawn) this.#sink.write('\r\x1b[K'); // ECMA-48 EL: erase to the end of the line
    this.#drawn = false;
  }

  #redraw(text: string): void {
    this.#sink.write(`\r${text.slice(0, Math.max(1, this.#sink.columns - 1))}\x1b[K`);
    this.#drawn = true;
  }
}

/** `43 %  measure  14,998/s  p99 3.1 ms  2 errors` */
export function describe(progress: LoadProgress): string {
  const parts = [
    `${String(Math.round(progress.fraction * 100)).padStart(3)} %`,
    progress.warmUp ? `${progress.phase} (warm-up)` : progress.phase,
    formatPerSecond(Math.round(progress.ratePerSec)),
    `p99 ${progress.latencyP99Ms === null ? '-' : formatDurationMs(progress.latencyP99Ms)}`,
  ];
  if (progress.errors > 0) parts.push(formatCount(progress.errors, 'error'));
  return parts.join('  ');
}

function bar(fraction: number): string {
  const full = Math.round(Math.max(0, Math.min(1, fraction)) * barCells);
  return `[${'█'.repeat(full)}${'·'.repeat(barCells - full)}]`;
}
