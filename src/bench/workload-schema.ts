/**
 * The file form of a workload, field by field: what may be written, what it means, what it is when it is left out.
 * `workloads/workload.schema.json`, for editors, is made from this (workload-json-schema.ts).
 *
 * Promises: each message says what is allowed, so that one line is enough to repair a file. What a field means beyond its
 * own value (a range needs numbered keys) is in workload-rules.ts.
 */
import { z } from 'zod';
import { parseDurationMs } from '../base/duration.ts';
import { nearestWords } from '../base/nearest-words.ts';

// One file is read per run: code compiled for it would cost more than it saves.
z.config({ jitless: true });

/** Bounds of what can be asked for: generous, but nothing that could only be a typing mistake. */
const workloadLimits = {
  clients: 100_000,
  connections: 20_000,
  ratePerSec: 10_000_000,
  durationMs: 7 * 24 * 3_600_000,
  requests: 1_000_000_000_000,
  keyBytes: 65_536,
  valueBytes: 16 * 1024 * 1024,
  keys: 2 ** 26,
  phases: 100,
  operations: 16,
  /** etcd's --max-txn-ops. */
  txnPuts: 128,
} as const;

const durationPattern = /^(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+$/;
const sizePattern = /^\d+(\.\d+)?\s*(B|KiB|MiB)$/;
const belowHundredPattern = /^\d{1,2}(\.\d+)?%$/;
const percentPattern = /^(\d{1,2}(\.\d+)?|100(\.0+)?)%$/;

type Wrong = z.core.$ZodRawIssue;

/** The one message of a value that is not what it must be. */
function mustBe(what: string): { error: (wrong: Wrong) => string } {
  return {
    error: ({ input }) =>
      input === undefined ? `is missing: it must be ${what}` : `must be ${what}, not ${shown(input)}`,
  };
}

function shown(input: unknown): string {
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object' && input !== null) return 'a group of fields';
  const text = JSON.stringify(input) ?? String(input);
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}

/** An object without other fields than these. */
function fields<Shape extends z.core.$ZodShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const names = Object.keys(shape);
  const error = (wrong: Wrong): string => {
    if (wrong.code !== 'unrecognized_keys') return mustBe(`a group of fields (${names.join(', ')})`).error(wrong);
    const near = nearestWords(wrong.keys[0] ?? '', names, 3);
    const meant = near.length === 0 ? '' : `did you mean ${near.join(' or ')}? `;
    return `is not a field here: ${meant}allowed are ${names.join(', ')}`;
  };
  return z.strictObject(shape, { error });
}

function whole(min: number, max: number, what = 'a whole number'): z.ZodInt {
  const wrong = mustBe(`${what} from ${min} to ${max}`);
  return z.int(wrong).min(min, wrong).max(max, wrong);
}

function choice<const Names extends readonly [string, ...string[]]>(
  ...names: Names
): z.ZodEnum<{ [K in Names[number]]: K }> {
  return z.enum(names, mustBe(`one of ${names.join(', ')}`));
}

function durationFrom(minMs: number, least: string): z.ZodString {
  const wrong = mustBe(`a duration with its unit, at least ${least}, such as 500ms, 60s or 1m30s`);
  const inRange = (text: string): boolean => {
    const ms = parseDurationMs(text);
    return ms !== null && ms >= minMs && ms <= workloadLimits.durationMs;
  };
  return z
    .string(wrong)
    .regex(durationPattern, { ...wrong, abort: true })
    .refine(inRange, wrong);
}

const rate = z
  .number(mustBe('a number of requests per second above 0'))
  .gt(0, mustBe('a number of requests per second above 0'))
  .max(workloadLimits.ratePerSec, mustBe(`at most ${workloadLimits.ratePerSec} requests per second`));

const rampEnd = z
  .number(mustBe('a number of requests per second, 0 or more'))
  .min(0, mustBe('a number of requests per second, 0 or more'))
  .max(workloadLimits.ratePerSec, mustBe(`at most ${workloadLimits.ratePerSec} requests per second`));

function size(minBytes: number, maxBytes: number): z.ZodUnion<[z.ZodInt, z.ZodString]> {
  const wrong = mustBe(`a size from ${minBytes} to ${maxBytes} bytes, such as 256, 256B or 1KiB`);
  const inRange = (text: string): boolean => {
    const bytes = parseSizeBytes(text);
    return bytes !== null && bytes >= minBytes && bytes <= maxBytes;
  };
  const text = z
    .string(wrong)
    .regex(sizePattern, { ...wrong, abort: true })
    .refine(inRange, wrong);
  return z.union([z.int(wrong).min(minBytes, wrong).max(maxBytes, wrong), text], wrong);
}

/** One size, or `{min, max}` for sizes in between, all equally often. */
function sizes(
  minBytes: number,
  maxBytes: number,
): z.ZodUnion<readonly [z.ZodType<number | string>, z.ZodType<SizeRange>]> {
  const one = size(minBytes, maxBytes);
  const range = fields({ min: one, max: one });
  return z.union(
    [one, range],
    mustBe(`a size from ${minBytes} to ${maxBytes} bytes, such as 1KiB, or {min: …, max: …}`),
  );
}

export interface SizeRange {
  min: number | string;
  max: number | string;
}

/** Bytes of `256B`, `1KiB`, `1.5MiB`; null when it is not a size or not whole. */
export function parseSizeBytes(text: string): number | null {
  if (!sizePattern.test(text)) return null;
  const unit = text.endsWith('MiB') ? 1024 * 1024 : text.endsWith('KiB') ? 1024 : 1;
  const bytes = Number.parseFloat(text) * unit;
  return Number.isInteger(bytes) ? bytes : null;
}

const arrival = z
  .discriminatedUnion(
    'model',
    [
      fields({
        model: z.literal('open').describe('Requests leave by the clock, whatever the server does.'),
        spacing: choice('constant', 'poisson')
          .default('constant')
          .describe('Even gaps, or random ones as of many independent users.'),
        rate: z
          .union(
            [rate, fields({ from: rampEnd, to: rampEnd })],
            mustBe('requests per second, or {from: …, to: …} for a ramp'),
          )
          .describe('Requests per second; {from, to} goes from one to the other in a straight line over the phase.'),
      }),
      fields({
        model: z.literal('closed').describe('Each client sends its next request when the reply to its last has come.'),
      }),
    ],
    { error: () => 'must be {model: open, rate: …} or {model: closed}' },
  )
  .describe('When requests leave.');

const weight = z
  .number(mustBe('a number above 0'))
  .gt(0, mustBe('a number above 0'))
  .default(1)
  .describe('How often, beside the weights of the other entries.');

const operation = z.discriminatedUnion(
  'op',
  [
    fields({ op: z.literal('put'), weight }),
    fields({
      op: z.literal('range'),
      weight,
      serializable: z
        .boolean(mustBe('true or false'))
        .default(false)
        .describe('Read from the member asked, without asking the others.'),
      span: choice('key', 'prefix').default('key').describe('One key, or all keys of the run in order.'),
      limit: whole(0, 2 ** 31)
        .default(0)
        .describe('Keys per reply at most; 0 is all.'),
    }),
    fields({ op: z.literal('delete'), weight }),
    fields({
      op: z.literal('txn'),
      weight,
      puts: whole(1, workloadLimits.txnPuts)
        .default(1)
        .describe('Keys put by one transaction, after a look at the version of the first.'),
    }),
  ],
  { error: () => 'must be an operation: {op: put}, {op: range}, {op: delete} or {op: txn}' },
);

const phase = fields({
  name: z.string(mustBe('a name')).min(1, mustBe('a name')).max(100, mustBe('a name of at most 100 letters')),
  warmUp: z
    .boolean(mustBe('true or false'))
    .default(false)
    .describe('A warm-up is sent and drawn, but does not count.'),
  arrival,
  duration: durationFrom(1, '1ms')
    .optional()
    .describe('How long; the phase ends at whichever of duration and count comes first.'),
  count: whole(1, workloadLimits.requests).optional().describe('How many requests.'),
  mix: z
    .array(operation, mustBe('a list of operations, such as [{op: put}]'))
    .min(1, mustBe('a list of at least one operation'))
    .max(workloadLimits.operations, mustBe(`a list of at most ${workloadLimits.operations} operations`))
    .default([{ op: 'put', weight: 1 }])
    .describe('What is sent, drawn by weight.'),
});

const keys = fields({
  size: sizes(1, workloadLimits.keyBytes).default('256B').describe("Bytes of a key after the run's prefix."),
  count: whole(1, workloadLimits.keys)
    .optional()
    .describe('How many different keys; left out, every put has a new random key.'),
  order: choice('sequential', 'uniform', 'zipfian').default('uniform').describe('How keys are picked.'),
  theta: z
    .number(mustBe('a number between 0 and 1'))
    .gt(0, mustBe('a number between 0 and 1'))
    .lt(1, mustBe('a number between 0 and 1'))
    .default(0.99)
    .describe('Skew of the zipfian order: the nearer to 1, the more the popular keys are asked for.'),
});

const wrongShare = mustBe('a share from 0 to 1, or a percentage such as 1%');
const share = z.union(
  [z.number(wrongShare).min(0, wrongShare).max(1, wrongShare), z.string(wrongShare).regex(percentPattern, wrongShare)],
  wrongShare,
);
const wrongMinRate = mustBe('requests per second, or a percentage of the offered rate below 100%, such as 90%');
const latency = durationFrom(0.001, '1us').optional();

const thresholds = fields({
  minRate: z
    .union([rate, z.string(wrongMinRate).regex(belowHundredPattern, wrongMinRate)], wrongMinRate)
    .optional()
    .describe(
      'More completed requests per second than this, or than this share of what was offered. All of it is no rate that ' +
        'can be exceeded, as the last answers come after the last request: for that, set maxErrors to 0.',
    ),
  maxLatency: latency.describe('The slowest request.'),
  maxStddev: latency.describe('Standard deviation of the latency.'),
  maxP50: latency,
  maxP90: latency,
  maxP99: latency,
  maxP999: latency,
  maxErrors: share.optional().describe('Share of requests that may fail; 0 is none, 1 % when not set.'),
});

/** What a workload file holds, before its scalars are read and its rules are checked. */
export const workloadSchema = fields({
  name: z
    .string(mustBe('a name'))
    .min(1, mustBe('a name'))
    .max(100, mustBe('a name of at most 100 letters'))
    .optional()
    .describe("The file's name when it is left out."),
  description: z.string(mustBe('a text')).max(10_000, mustBe('a text of at most 10000 letters')).default(''),
  clients: whole(1, workloadLimits.clients).describe('Requests in flight at most, over all connections.'),
  connections: whole(1, workloadLimits.connections)
    .optional()
    .describe('TCP connections over which the clients are spread; one for each client when it is left out.'),
  spread: choice('leader', 'all').default('all').describe('Send to the leader alone, or to all endpoints in turn.'),
  timeout: durationFrom(1, '1ms')
    .default('5s')
    .describe('How long a request may take; then it counts as an error, and its latency as this.'),
  seed: whole(0, 2 ** 32 - 1)
    .default(1)
    .describe('Of everything random: the same seed sends the same requests.'),
  keys: keys.prefault({}),
  values: fields({ size: sizes(0, workloadLimits.valueBytes).default('1KiB') }).prefault({}),
  preload: whole(0, workloadLimits.keys)
    .default(0)
    .describe('Keys put once before the first phase, so that ranges and deletes find something.'),
  phases: z
    .array(phase, mustBe('a list of phases'))
    .min(1, mustBe('a list of at least one phase'))
    .max(workloadLimits.phases, mustBe(`a list of at most ${workloadLimits.phases} phases`)),
  thresholds: thresholds.prefault({}),
});

export type WorkloadFile = z.output<typeof workloadSchema>;
export type PhaseFile = WorkloadFile['phases'][number];
