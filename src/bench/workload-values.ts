/** From the checked file form of a workload to what the run works with: durations, sizes and shares become numbers. */
import { assert } from '../base/assert.ts';
import { parseDurationMs } from '../base/duration.ts';
import { parseSizeBytes, type PhaseFile, type WorkloadFile } from './workload-schema.ts';
import type { Arrival, Phase, SizeSpec, Thresholds, Workload } from './workload.ts';

/** `defaultName` is used when the file names none. */
export function toWorkload(file: WorkloadFile, defaultName: string): Workload {
  return {
    name: file.name ?? defaultName,
    description: file.description.trim(),
    clients: file.clients,
    connections: file.connections ?? file.clients,
    spread: file.spread,
    requestTimeoutMs: toMs(file.timeout),
    seed: file.seed,
    keys: {
      sizeBytes: toSize(file.keys.size),
      count: file.keys.count ?? null,
      order: file.keys.order,
      zipfTheta: file.keys.theta,
    },
    values: toSize(file.values.size),
    preload: file.preload,
    phases: file.phases.map(toPhase),
    thresholds: toThresholds(file.thresholds),
  };
}

function toPhase({ name, warmUp, arrival, duration, count, mix }: PhaseFile): Phase {
  const durationMs = duration === undefined ? null : toMs(duration);
  return { name, warmUp, arrival: toArrival(arrival), durationMs, count: count ?? null, mix };
}

function toArrival(arrival: PhaseFile['arrival']): Arrival {
  if (arrival.model === 'closed') return { model: 'closed' };
  const { spacing, rate } = arrival;
  const { from, to } = typeof rate === 'number' ? { from: rate, to: rate } : rate;
  return { model: 'open', spacing, fromPerSec: from, toPerSec: to };
}

function toThresholds(file: WorkloadFile['thresholds']): Thresholds {
  const given: { -readonly [Name in keyof Thresholds]: Thresholds[Name] | undefined } = {
    minRatePerSec: typeof file.minRate === 'number' ? file.minRate : undefined,
    minRateFraction: typeof file.minRate === 'string' ? toFraction(file.minRate) : undefined,
    maxLatencyMs: toLimitMs(file.maxLatency),
    maxStddevMs: toLimitMs(file.maxStddev),
    maxP50Ms: toLimitMs(file.maxP50),
    maxP90Ms: toLimitMs(file.maxP90),
    maxP99Ms: toLimitMs(file.maxP99),
    maxP999Ms: toLimitMs(file.maxP999),
    maxErrorFraction: toFraction(file.maxErrors),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function toFraction(share: number | string | undefined): number | undefined {
  return typeof share === 'string' ? Number.parseFloat(share) / 100 : share;
}

function toLimitMs(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : toMs(duration);
}

function toMs(duration: string): number {
  const ms = parseDurationMs(duration);
  assert(ms !== null, 'the schema lets no other text through');
  return ms;
}

function toSize(size: WorkloadFile['keys']['size']): SizeSpec {
  if (typeof size !== 'object') return { kind: 'fixed', bytes: toBytes(size) };
  const [a, b] = [toBytes(size.min), toBytes(size.max)];
  return a === b
    ? { kind: 'fixed', bytes: a }
    : { kind: 'uniform', minBytes: Math.min(a, b), maxBytes: Math.max(a, b) };
}

/** Bytes of a size in either of its forms. */
export function toBytes(size: number | string): number {
  const bytes = typeof size === 'number' ? size : parseSizeBytes(size);
  assert(bytes !== null, 'the schema lets no other text through');
  return bytes;
}
