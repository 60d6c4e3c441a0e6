/**
 * Prometheus' text format 0.0.4: text from a server's /metrics -> samples that can be asked for by name and labels.
 *
 * Promises: any text is either read or refused with the line at fault (never half of it, as Prometheus does); time and
 * memory are bounded by the text's length and by the limits below.
 */
import { Failure } from '../base/failure.ts';
import { createHistogram, type Histogram } from './histogram.ts';

/** A member of a large cluster shows about 3,000 samples in 300 KB. */
export const expositionLimits = { lineCharsMax: 65_536, samplesMax: 200_000, labelsMax: 64 } as const;

export type Labels = Readonly<Record<string, string>>;

interface Sample {
  /** As written between the braces; parsed when asked for, as most samples never are. */
  readonly labelText: string;
  readonly value: number;
}

/** One scrape. Values of what is not there are null. */
export class Exposition {
  readonly #samples: ReadonlyMap<string, readonly Sample[]>;
  readonly #types: ReadonlyMap<string, string>;
  readonly sampleCount: number;

  constructor(samples: ReadonlyMap<string, readonly Sample[]>, types: ReadonlyMap<string, string>) {
    this.#samples = samples;
    this.#types = types;
    this.sampleCount = [...samples.values()].reduce((sum, list) => sum + list.length, 0);
  }

  /** `counter`, `gauge`, `histogram`, `summary` or `untyped`; null when the name was not announced. */
  type(name: string): string | null {
    return this.#types.get(name) ?? null;
  }

  /** The first sample that has these labels (and perhaps others). */
  value(name: string, labels: Labels = {}): number | null {
    return this.#matching(name, labels)[0]?.value ?? null;
  }

  /** The sum over all samples that have these labels. */
  sum(name: string, labels: Labels = {}): number | null {
    const matching = this.#matching(name, labels);
    return matching.length === 0 ? null : matching.reduce((sum, { value }) => sum + value, 0);
  }

  /** The value of label `label` in the first sample: where etcd keeps its version, for example. */
  labelValue(name: string, label: string): string | null {
    const sample = this.#samples.get(name)?.[0];
    return sample === undefined ? null : (labelsOf(sample)[label] ?? null);
  }

  /** The buckets of the histogram with these labels; label sets that differ otherwise are added up. */
  histogram(name: string, labels: Labels = {}): Histogram | null {
    const buckets = new Map<number, number>();
    for (const sample of this.#matching(`${name}_bucket`, labels)) {
      const bound = parseNumber(labelsOf(sample)['le'] ?? '');
      if (bound !== null) buckets.set(bound, (buckets.get(bound) ?? 0) + sample.value);
    }
    return createHistogram(buckets, this.sum(`${name}_sum`, labels) ?? NaN);
  }

  #matching(name: string, labels: Labels): readonly Sample[] {
    const wanted = Object.entries(labels);
    const all = this.#samples.get(name) ?? [];
    if (wanted.length === 0) return all;
    return all.filter((sample) => {
      const have = labelsOf(sample);
      return wanted.every(([label, value]) => have[label] === value);
    });
  }
}

/** Reads a whole exposition. Throws a Failure EXPOSITION that names the line when it is not one. */
export function parseExposition(text: string): Exposition {
  const samples = new Map<string, Sample[]>();
  const types = new Map<string, string>();
  let count = 0;
  let start = 0;
  for (let line = 1; start < text.length; line++) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    if (end - start > expositionLimits.lineCharsMax) throw malformed(line, 'is too long');
    const added = readLine(text.slice(start, end).trim(), line, samples, types);
    if (added && ++count > expositionLimits.samplesMax) throw malformed(line, 'is one sample too many');
    start = end + 1;
  }
  return new Exposition(samples, types);
}

const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]*(?:\{(.*)\})?[ \t]*(\S+)(?:[ \t]+(-?\d+))?$/;
const typeLine = /^#[ \t]+TYPE[ \t]+(\S+)[ \t]+(counter|gauge|histogram|summary|untyped)$/;

/** True when the line was a sample. */
function readLine(line: string, number: number, samples: Map<string, Sample[]>, types: Map<string, string>): boolean {
  if (line === '') return false;
  if (line.startsWith('#')) {
    const type = typeLine.exec(line);
    if (type !== null) types.set(type[1]!, type[2]!);
    return false;
  }
  const match = sampleLine.exec(line);
  const value = match === null ? null : parseNumber(match[3]!);
  if (match === null || value === null) throw malformed(number, 'is no sample');
  const sample = { labelText: match[2] ?? '', value };
  if (parseLabels(sample.labelText) === null) throw malformed(number, 'has malformed labels');
  const list = samples.get(match[1]!);
  if (list === undefined) samples.set(match[1]!, [sample]);
  else list.push(sample);
  return true;
}

/** Go's ParseFloat as far as exporters use it. */
function parseNumber(text: string): number | null {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  const named = /^([+-]?)(inf(inity)?|nan)$/i.exec(text);
  if (named === null) return null;
  if (named[2]!.toLowerCase() === 'nan') return NaN;
  return named[1] === '-' ? -Infinity : Infinity;
}

const labelPair = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(,|$)/y;
const escapes: Readonly<Record<string, string>> = { n: '\n', '\\': '\\', '"': '"' };

function labelsOf(sample: Sample): Labels {
  return parseLabels(sample.labelText) ?? {};
}

/** A comma may follow the last label; null when anything else than labels is there. */
function parseLabels(text: string): Labels | null {
  if (text.trim() === '') return {};
  const labels: [string, string][] = [];
  labelPair.lastIndex = 0;
  while (labelPair.lastIndex < text.length) {
    const match = labelPair.exec(text);
    if (match === null || labels.length === expositionLimits.labelsMax) return null;
    labels.push([match[1]!, match[2]!.replace(/\\(.)/g, (whole, letter: string) => escapes[letter] ?? whole)]);
  }
  return Object.fromEntries(labels);
}

function malformed(line: number, why: string): Failure {
  return new Failure('EXPOSITION', `line ${line} of the metrics ${why}`);
}
