/**
 * Whether a document has the shape of a RunResult, so that a file which was cut, merged or edited by hand is refused with
 * the place of the fault, instead of breaking whoever reads it. A trailing `?` means that null is allowed.
 */

type Leaf = 'string' | 'number' | 'boolean' | 'object' | 'string?' | 'number?' | 'boolean?';
interface Shape {
  readonly [field: string]: Leaf | Shape | List | { readonly orNull: Shape | List };
}
type List = readonly [Leaf | Shape];
type Node = Shape[string];

const latencySummary: Shape = fields('number?', 'p50', 'p90', 'p99', 'p999', 'max', 'mean', 'stddev');
const histogram: Shape = { base64: 'string', count: 'number', clamped: 'number', summary: latencySummary };

const generator: Shape = {
  ...fields('number', 'lanes', 'stoodStillMs'),
  scheduleSlip: { orNull: histogram },
  ...fields('number?', 'cpuUsPerOp', 'cpuCores', 'eventLoopLagMsP99', 'eventLoopLagMsMax', 'gcPauseMsMax'),
  ...fields('number?', 'gcPauseMsTotal', 'stealFraction', 'hostCpuFraction'),
};

const timeline: Shape = {
  bucketMs: 'number',
  buckets: [
    {
      ...fields('number', 'offered', 'completed', 'errors'),
      ...fields('number?', 'p50Ms', 'p90Ms', 'p99Ms', 'maxMs'),
    },
  ],
};

const phase: Shape = {
  ...fields('string', 'name', 'model'),
  ...fields('number', 'offsetMs', 'elapsedMs', 'scheduledMs', 'planned', 'released', 'sent', 'completed'),
  requestBytes: 'number',
  warmUp: 'boolean',
  errors: 'object',
  operations: [{ op: 'string', completed: 'number', errors: 'number', latency: histogram, service: histogram }],
  latency: histogram,
  fromRelease: histogram,
  service: histogram,
  timeline,
  generator,
};

const serverSample: Shape = {
  atMs: 'number',
  hasLeader: 'boolean?',
  ...fields('number?', 'walFsyncP99Ms', 'backendCommitP99Ms', 'proposalsPending', 'proposalsFailedTotal'),
  ...fields('number?', 'leaderChangesTotal', 'dbSizeBytes', 'rssBytes', 'cpuSecondsTotal'),
};

const server: Shape = {
  version: 'string?',
  ...fields('number?', 'cpuUsPerOp', 'cpuUsPerOpFromProc', 'rssBytes', 'dbSizeBytesBefore', 'dbSizeBytesAfter'),
  series: [{ endpoint: 'string', unavailable: 'string?', samples: [serverSample] }],
};

const host: Shape = {
  source: 'string',
  samples: [
    {
      atMs: 'number',
      ...fields('number?', 'cpuFraction', 'stealFraction', 'ioWaitFraction', 'memoryAvailableBytes'),
      ...fields('number?', 'diskWriteBytesPerSec', 'diskWritesPerSec', 'diskBusyFraction'),
    },
  ],
};

const round: Shape = {
  round: 'number',
  ...fields('string', 'target', 'startedAt', 'prefix'),
  earlyEnd: { orNull: fields('string', 'reason', 'words') },
  phases: [phase],
  server,
  host,
  cleanup: { keysRemoved: 'number', keysLeft: 'number?', tookMs: 'number', error: 'string?' },
};

const workload: Shape = {
  ...fields('string', 'name', 'description', 'spread'),
  ...fields('number', 'clients', 'connections', 'requestTimeoutMs', 'seed', 'preload'),
  keys: 'object',
  values: 'object',
  thresholds: 'object',
  phases: [
    { name: 'string', warmUp: 'boolean', arrival: 'object', durationMs: 'number?', count: 'number?', mix: ['object'] },
  ],
};

const runResult: Shape = {
  formatVersion: 'number',
  tool: { name: 'string', version: 'string' },
  ...fields('string', 'startedAt', 'endedAt', 'workloadFile'),
  command: ['string'],
  overrides: ['string'],
  workload,
  environment: {
    ...fields('string', 'hostname', 'os', 'kernel', 'cpuModel', 'nodeVersion'),
    ...fields('number', 'cpuCount', 'memoryBytes'),
    cpuMhz: 'number?',
    virtualization: 'string?',
  },
  targets: [
    {
      ...fields('string', 'name', 'kind', 'transport'),
      endpoints: ['string'],
      serverCommand: { orNull: ['string'] },
      storage: { orNull: fields('string', 'directory', 'fileSystem', 'device') },
      sharesHost: 'boolean',
    },
  ],
  rounds: [round],
  roundsAsked: 'number',
  failure: { orNull: { ...fields('string', 'target', 'words'), ...fields('number', 'round', 'exitCode') } },
  ratios: [{ ...fields('string', 'metric', 'a', 'b'), value: 'number', low: 'number?', high: 'number?' }],
  interrupted: 'string?',
};

/** The first fault, as `rounds[2].server.version is not a string`; null when there is none. */
export function checkResultShape(document: unknown): string | null {
  return faultOf(document, runResult, '');
}

function faultOf(value: unknown, node: Node, place: string): string | null {
  if (node === undefined) return null;
  if (typeof node === 'string') return leafFault(value, node, place);
  if (isList(node)) return listFault(value, node[0], place);
  if (isNullable(node)) return value === null ? null : faultOf(value, node.orNull, place);
  if (!isObject(value)) return `${place === '' ? 'it' : place} is not an object`;
  for (const [field, inner] of Object.entries(node)) {
    const fault = faultOf(value[field], inner, place === '' ? field : `${place}.${field}`);
    if (fault !== null) return fault;
  }
  return null;
}

function leafFault(value: unknown, leaf: Leaf, place: string): string | null {
  const nullable = leaf.endsWith('?');
  const type = nullable ? leaf.slice(0, -1) : leaf;
  if (nullable && value === null) return null;
  if (type === 'object' ? isObject(value) : typeof value === type) return null;
  return `${place} is not ${type === 'object' ? 'an' : 'a'} ${type}`;
}

function listFault(value: unknown, item: Node, place: string): string | null {
  if (!Array.isArray(value)) return `${place} is not a list`;
  for (let i = 0; i < value.length; i++) {
    const fault = faultOf(value[i], item, `${place}[${i}]`);
    if (fault !== null) return fault;
  }
  return null;
}

function fields<L extends Leaf>(leaf: L, ...names: readonly string[]): Record<string, L> {
  return Object.fromEntries(names.map((name) => [name, leaf]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(node: Exclude<Node, Leaf | undefined>): node is List {
  return Array.isArray(node);
}

function isNullable(node: object): node is { readonly orNull: Shape | List } {
  return 'orNull' in node;
}
