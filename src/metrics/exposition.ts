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
  /** As written behind the opening brace; parsed when asked for, as most samples never are. */
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
    if (end - start > expositionLimits.lineCharsMax) malformed(line, 'is too long');
    const added = readLine(text.slice(start, end).trim(), line, samples, types);
    if (added && ++count > expositionLimits.samplesMax) malformed(line, 'is one sample too many');
    start = end + 1;
  }
  return new Exposition(samples, types);
}

const typeLine = /^#[ \t]+TYPE[ \t]+(\S+)[ \t]+(counter|gauge|histogram|summary|untyped)$/;

/** True when the line was a sample. */
function readLine(line: string, number: number, samples: Map<string, Sample[]>, types: Map<string, string>): boolean {
  if (line === '') return false;
  if (line.startsWith('#')) {
    const type = typeLine.exec(line);
    if (type !== null) types.set(type[1]!, type[2]!);
    return false;
  }
  const { name, sample } = readSample(line) ?? malformed(number, 'is no sample');
  const list = samples.get(name);
  if (list === undefined) samples.set(name, [sample]);
  else list.push(sample);
  return true;
}

const namePart = /[a-zA-Z_:][a-zA-Z0-9_:]*[ \t]*/y;

/** `name{label="value",…} value timestamp`, read from left to right, so that no line can make it look twice. */
function readSample(line: string): { name: string; sample: Sample } | null {
  namePart.lastIndex = 0;
  const name = namePart.exec(line)?.[0];
  if (name === undefined) return null;
  const labelled = line[name.length] === '{';
  const end = labelled ? passLabels(line, name.length + 1) : name.length;
  if (end === -1) return null;
  const [shown = '', timestamp = '0', more] = line
    .slice(end)
    .trim()
    .split(/[ \t]+/, 3);
  const value = parseNumber(shown);
  if (value === null || more !== undefined || !/^-?\d+$/.test(timestamp)) return null;
  const labelText = labelled ? line.slice(name.length + 1, end) : '}';
  return { name: name.trimEnd(), sample: { labelText, value } };
}

/** Go's ParseFloat as far as exporters use it. */
function parseNumber(text: string): number | null {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  const named = /^([+-]?)(inf(inity)?|nan)$/i.exec(text);
  if (named === null) return null;
  if (named[2]!.toLowerCase() === 'nan') return NaN;
  return named[1] === '-' ? -Infinity : Infinity;
}

const labelPart = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(?:,|(?=\}))/sy;
const labelsEnd = /[ \t]*\}/y;
const escapes: Readonly<Record<string, string>> = { n: '\n', '\\': '\\', '"': '"' };

/** Where the labels that begin at `start` end, behind their brace; -1 when they do not. A comma may follow the last. */
function passLabels(text: string, start: number): number {
  let at = start;
  for (let count = 0; count <= expositionLimits.labelsMax; count++) {
    labelsEnd.lastIndex = at;
    if (labelsEnd.test(text)) return labelsEnd.lastIndex;
    labelPart.lastIndex = at;
    if (!labelPart.test(text)) return -1;
    at = labelPart.lastIndex;
  }
  return -1;
}

function labelsOf({ labelText }: Sample): Labels {
  const labels: [string, string][] = [];
  labelPart.lastIndex = 0;
  for (let match = labelPart.exec(labelText); match !== null; match = labelPart.exec(labelText)) {
    labels.push([match[1]!, match[2]!.replace(/\\(.)/gs, (whole, letter: string) => escapes[letter] ?? whole)]);
  }
  return Object.fromEntries(labels);
}

function malformed(line: number, why: string): never {
  throw new Failure('EXPOSITION', `line ${line} of the metrics ${why}`);
}
