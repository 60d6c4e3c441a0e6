/**
 * What /metrics shows: names, types and help texts with a function each that reads the plain numbers counted elsewhere,
 * rendered by prom-client.
 *
 * Promises: a scrape never holds the loop for long (one slice of one metric per turn), concurrent scrapes share one
 * rendering, which serves for half a second; metrics are sorted by name, and one without samples is left out, as etcd does.
 */
import { Gauge, Registry } from 'prom-client';
import type { HistogramMeter } from './meters.ts';

export type MetricLabels = Readonly<Record<string, string>>;
type MetricType = 'counter' | 'gauge' | 'histogram';

interface Sample {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  /** Of a histogram's parts: with _bucket, _sum or _count behind. */
  readonly metricName: string;
}

/** prom-client needs about 3 µs a line: a slice stays well below a millisecond. */
const samplesPerTurn = 100;
/** Who scrapes every second sees new numbers every time: with a cache of a second, only every second time. */
const cacheMs = 500;

export class MetricSet {
  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;
  readonly #registry = new Registry();
  readonly #definitions: Definition[] = [];
  readonly #nowMs: () => number;
  #rendering: Promise<string> | null = null;
  #cached = '';
  #cachedAtMs = -Infinity;

  /** `nowMs` is the monotonic clock. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** A number that only grows. */
  counter(name: string, help: string, read: () => number): void {
    this.#define(name, 'counter', help, () => single(name, read()));
  }

  gauge(name: string, help: string, read: () => number): void {
    this.#define(name, 'gauge', help, () => single(name, read()));
  }

  /** Several samples told apart by labels. `read` is gone through a slice at a time, with other turns between. */
  vector(name: string, type: 'counter' | 'gauge', help: string, read: () => Iterable<[MetricLabels, number]>): void {
    this.#define(name, type, help, () => vectorSamples(name, read()));
  }

  histogram(name: string, help: string, meter: HistogramMeter): void {
    this.#define(name, 'histogram', help, () => histogramSamples(name, {}, meter));
  }

  /** As `vector`, with a histogram for each set of labels. */
  histogramVector(name: string, help: string, read: () => Iterable<[MetricLabels, HistogramMeter]>): void {
    this.#define(name, 'histogram', help, () => histogramVectorSamples(name, read()));
  }

  /** The text format 0.0.4; at most half a second old. */
  render(): Promise<string> {
    if (this.#nowMs() - this.#cachedAtMs < cacheMs) return Promise.resolve(this.#cached);
    this.#rendering ??= this.#renderAll().finally(() => (this.#rendering = null));
    return this.#rendering;
  }

  #define(name: string, type: MetricType, help: string, samples: () => Iterable<Sample>): void {
    const definition: Definition = { name, samples, slice: [] };
    // What prom-client asks it for is the slice being rendered; a gauge's other methods are not called.
    const get = async (): Promise<object> => ({ name, help, type, values: definition.slice });
    this.#registry.registerMetric(Object.assign(new Gauge({ name, help, registers: [] }), { get })); // throws on a name that stands already
    this.#definitions.push(definition);
    this.#definitions.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async #renderAll(): Promise<string> {
    const parts: string[] = [];
    for (const definition of this.#definitions) {
      let first = true;
      for (const slice of slices(definition.samples())) {
        definition.slice = slice;
        const text = await this.#registry.getSingleMetricAsString(definition.name);
        parts.push(first ? text : withoutHead(text));
        first = false;
        await nextTurn();
      }
      definition.slice = [];
    }
    this.#cached = parts.length === 0 ? '' : `${parts.join('\n')}\n`;
    this.#cachedAtMs = this.#nowMs();
    return this.#cached;
  }
}

interface Definition {
  readonly name: string;
  readonly samples: () => Iterable<Sample>;
  slice: readonly Sample[];
}

/** HELP and TYPE stand above every slice; they stay on the first. */
function withoutHead(text: string): string {
  return text.split('\n').slice(2).join('\n');
}

/** As many samples as one turn may render; the next are made when they are asked for. */
function* slices(samples: Iterable<Sample>): Iterable<readonly Sample[]> {
  let slice: Sample[] = [];
  for (const sample of samples) {
    slice.push(sample);
    if (slice.length < samplesPerTurn) continue;
    yield slice;
    slice = [];
  }
  if (slice.length > 0) yield slice;
}

function single(name: string, value: number): Sample[] {
  return [{ value, labels: {}, metricName: name }];
}

function* vectorSamples(name: string, read: Iterable<[MetricLabels, number]>): Iterable<Sample> {
  for (const [labels, value] of read) yield { value, labels, metricName: name };
}

function* histogramVectorSamples(name: string, read: Iterable<[MetricLabels, HistogramMeter]>): Iterable<Sample> {
  for (const [labels, meter] of read) yield* histogramSamples(name, labels, meter);
}

function* histogramSamples(name: string, labels: MetricLabels, meter: HistogramMeter): Iterable<Sample> {
  let below = 0;
  for (let i = 0; i < meter.counts.length; i++) {
    below += meter.counts[i]!;
    const le = i < meter.bounds.length ? meter.bounds[i]! : '+Inf';
    yield { value: below, labels: { ...labels, le }, metricName: `${name}_bucket` };
  }
  yield { value: meter.sum, labels, metricName: `${name}_sum` };
  yield { value: below, labels, metricName: `${name}_count` };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
