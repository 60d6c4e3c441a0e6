import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/base/failure.ts';
import { parseWorkload, readWorkload } from '../../src/bench/workload-file.ts';
import { workloadJsonSchema } from '../../src/bench/workload-json-schema.ts';
import { noOverrides, type OverrideTexts } from '../../src/bench/workload-overrides.ts';

const workloads = new URL('../../workloads/', import.meta.url);
const shipped = readdirSync(workloads).filter((name) => name.endsWith('.yaml'));

const good = `name: trial
clients: 10
phases:
  - name: load
    arrival: { model: open, rate: 100 }
    duration: 10s
`;

/** The one line of what is wrong, or 'accepted'. */
function verdict(text: string, overrides: Partial<OverrideTexts> = {}): string {
  try {
    parseWorkload(text, 'w.yaml', { ...noOverrides, ...overrides });
    return 'accepted';
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return thrown.line;
  }
}

describe('a good file', () => {
  it('becomes a workload with its defaults', () => {
    expect(parseWorkload(good, 'some/dir/w.yaml')).toEqual({
      name: 'trial',
      description: '',
      clients: 10,
      connections: 10,
      spread: 'all',
      requestTimeoutMs: 5000,
      seed: 1,
      keys: { sizeBytes: { kind: 'fixed', bytes: 256 }, count: null, order: 'uniform', zipfTheta: 0.99 },
      values: { kind: 'fixed', bytes: 1024 },
      preload: 0,
      phases: [
        {
          name: 'load',
          warmUp: false,
          arrival: { model: 'open', spacing: 'constant', fromPerSec: 100, toPerSec: 100 },
          durationMs: 10_000,
          count: null,
          mix: [{ op: 'put', weight: 1 }],
        },
      ],
      thresholds: {},
    });
  });

  it('is named after its file when it names nothing itself', () => {
    expect(parseWorkload(good.replace('name: trial\n', ''), 'some/dir/w.yaml').name).toBe('w');
  });

  it.each([
    { field: 'values: { size: 1.5KiB }', values: { kind: 'fixed', bytes: 1536 } },
    { field: 'values: { size: 2 MiB }', values: { kind: 'fixed', bytes: 2_097_152 } },
    { field: 'values: { size: 0 }', values: { kind: 'fixed', bytes: 0 } },
    { field: 'values: { size: { min: 10, max: 1KiB } }', values: { kind: 'uniform', minBytes: 10, maxBytes: 1024 } },
    { field: 'values: { size: { min: 8B, max: 8 } }', values: { kind: 'fixed', bytes: 8 } },
  ])('reads $field', ({ field, values }) => {
    expect(parseWorkload(good + field, 'w').values).toEqual(values);
  });

  it('keeps a minimum rate that is a share as one', () => {
    const { thresholds } = parseWorkload(`${good}thresholds: { minRate: 90%, maxErrors: 1%, maxP99: 1.5s }`, 'w');
    expect(thresholds).toEqual({ minRateFraction: 0.9, maxErrorFraction: 0.01, maxP99Ms: 1500 });
  });

  it.each(['minRate: 99.99%', 'minRate: 0.5', 'maxErrors: 100%', 'maxErrors: 100.0%', 'maxErrors: 0.5%'])(
    'takes %s',
    (threshold) => expect(verdict(`${good}thresholds: { ${threshold} }`)).toBe('accepted'),
  );
});

describe('a bad file is one line: where, what, and what is allowed', () => {
  const fieldsOfAll =
    'name, description, clients, connections, spread, timeout, seed, keys, values, preload, phases, thresholds';
  it.each([
    ['nothing', '', `w.yaml:1:1: the workload must be a group of fields (${fieldsOfAll}), not null`],
    ['a list', '- 1', `w.yaml:1:1: the workload must be a group of fields (${fieldsOfAll}), not a list`],
    [
      'an open bracket',
      'a: [',
      'w.yaml:1:5: is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['a field twice', 'x: 1\nx: 2', 'w.yaml:2:1: is not YAML: Map keys must be unique'],
    [
      'two documents',
      'clients: 1\n---\nb: 1',
      'w.yaml:2:1: is not YAML: a second document begins here; a workload is one',
    ],
    [
      'an unknown field',
      good.replace('clients', 'clinets'),
      `w.yaml:2:1: clinets is not a field here: did you mean clients? allowed are ${fieldsOfAll} (and 1 more)`,
    ],
    [
      'an unknown field inside',
      good.replace('duration', 'druation'),
      'w.yaml:6:5: phases[0].druation is not a field here: did you mean duration? allowed are name, warmUp, arrival, duration, count, mix',
    ],
    [
      'a missing field',
      good.replace('clients: 10\n', ''),
      'w.yaml:1:1: clients is missing: it must be a whole number from 1 to 100000',
    ],
    [
      'a word for a number',
      good.replace('10\n', 'many\n'),
      'w.yaml:2:1: clients must be a whole number from 1 to 100000, not "many"',
    ],
    [
      'too large a number',
      good.replace('10\n', '1000000\n'),
      'w.yaml:2:1: clients must be a whole number from 1 to 100000, not 1000000',
    ],
    [
      'half a client',
      good.replace('10\n', '0.5\n'),
      'w.yaml:2:1: clients must be a whole number from 1 to 100000, not 0.5',
    ],
    [
      'a rate that is a word',
      good.replace('100', 'fast'),
      'w.yaml:5:29: phases[0].arrival.rate must be requests per second, or {from: …, to: …} for a ramp, not "fast"',
    ],
    [
      'half a ramp',
      good.replace('100', '{ from: 1 }'),
      'w.yaml:5:29: phases[0].arrival.rate.to is missing: it must be a number of requests per second, 0 or more',
    ],
    [
      'an unknown model',
      good.replace('open', 'opne'),
      'w.yaml:5:16: phases[0].arrival.model must be {model: open, rate: …} or {model: closed}',
    ],
    [
      'a duration without a unit',
      good.replace('10s', '10'),
      'w.yaml:6:5: phases[0].duration must be a duration with its unit, at least 1ms, such as 500ms, 60s or 1m30s, not 10',
    ],
    [
      'no end',
      good.replace('    duration: 10s\n', ''),
      'w.yaml:4:5: phases[0] needs a duration or a count: without one it would never end',
    ],
    [
      'an unknown operation',
      `${good}    mix: [{ op: put }, { op: get }]`,
      'w.yaml:7:26: phases[0].mix[1].op must be an operation: {op: put}, {op: range}, {op: delete} or {op: txn}',
    ],
    [
      'no operation',
      `${good}    mix: []`,
      'w.yaml:7:5: phases[0].mix must be a list of at least one operation, not a list',
    ],
    [
      'a range without keys',
      `${good}    mix:\n      - op: range`,
      'w.yaml:8:9: phases[0].mix[0] needs keys.count: without numbered keys a range finds none',
    ],
    [
      'keys too short to differ',
      `${good}keys: { size: 3B, count: 10000 }`,
      'w.yaml:7:9: keys.size must be at least 4B, so that 10000 keys differ',
    ],
    [
      'random keys that repeat',
      `${good}keys: { size: 3B }`,
      'w.yaml:7:9: keys.size must be at least 8B without keys.count',
    ],
    [
      'a decimal unit',
      `${good}values:\n  size: 1KB`,
      'w.yaml:8:3: values.size must be a size from 0 to 16777216 bytes, such as 1KiB, or {min: …, max: …}, not "1KB"',
    ],
    [
      'a size in a range',
      `${good}values:\n  size: { min: 1KiB, max: big }`,
      'w.yaml:8:22: values.size.max must be a size from 0 to 16777216 bytes, such as 256, 256B or 1KiB, not "big"',
    ],
    [
      'a range upside down',
      `${good}values:\n  size: { min: 1KiB, max: 8B }`,
      'w.yaml:8:11: values.size.min must be at most max (8B)',
    ],
    [
      'more connections than clients',
      `${good}connections: 20`,
      'w.yaml:7:1: connections must be at most the number of clients (10), as a client uses one connection',
    ],
    [
      'a preload of random keys',
      `${good}preload: 5`,
      'w.yaml:7:1: preload needs keys.count: there are no keys to put beforehand',
    ],
    [
      'a preload of more than there is',
      `${good}preload: 5\nkeys: { count: 4 }`,
      'w.yaml:7:1: preload must be at most keys.count (4)',
    ],
    [
      'a transaction of more keys than there are',
      `${good}    mix: [{ op: txn, puts: 5 }]\nkeys: { count: 4 }`,
      'w.yaml:7:22: phases[0].mix[0].puts must be at most keys.count (4), as a transaction puts different keys',
    ],
    [
      'only a warm-up',
      `${good}    warmUp: true`,
      'w.yaml:3:1: phases must have a phase that is no warm-up: nothing would be measured',
    ],
    ['yes for true', `${good}    warmUp: yes`, 'w.yaml:7:5: phases[0].warmUp must be true or false, not "yes"'],
    [
      'a ramp without a duration',
      good.replace('100', '{ from: 1, to: 2 }').replace('duration: 10s', 'count: 5'),
      'w.yaml:4:5: phases[0] needs a duration: a ramp goes over one',
    ],
    [
      'a ramp at nothing',
      good.replace('100', '{ from: 0, to: 0 }'),
      'w.yaml:5:29: phases[0].arrival.rate must be above 0 at one end of the ramp',
    ],
    [
      'a share of no rate',
      `${good.replace('{ model: open, rate: 100 }', '{ model: closed }')}thresholds: { minRate: 90% }`,
      'w.yaml:7:15: thresholds.minRate must be requests per second: a closed phase offers no rate to take a percentage of',
    ],
    [
      'errors above all',
      `${good}thresholds: { maxErrors: 2 }`,
      'w.yaml:7:15: thresholds.maxErrors must be a share from 0 to 1, or a percentage such as 1%, not 2',
    ],
    [
      'more errors than there are requests',
      `${good}thresholds: { maxErrors: 150% }`,
      'w.yaml:7:15: thresholds.maxErrors must be a share from 0 to 1, or a percentage such as 1%, not "150%"',
    ],
    [
      'more than all of what is offered',
      `${good}thresholds: { minRate: 100% }`,
      'w.yaml:7:15: thresholds.minRate must be requests per second, or a percentage of the offered rate below 100%, ' +
        'such as 90%, not "100%"',
    ],
    [
      'a skew of one',
      `${good}keys: { count: 9, order: zipfian, theta: 1 }`,
      'w.yaml:7:35: keys.theta must be a number between 0 and 1, not 1',
    ],
    [
      'a name that is no text',
      `${good}? [a, b]\n: 1`,
      `w.yaml:1:1: [ a, b ] is not a field here: allowed are ${fieldsOfAll}`,
    ],
  ])('%s', (_what, text, line) => expect(verdict(text)).toBe(line));

  it('of any size, depth or number of aliases', () => {
    expect(verdict('a'.repeat(70_000))).toBe('w.yaml:1:1: is longer than 65536 characters');
    expect(verdict('['.repeat(20_000))).toMatch(/^w\.yaml:1:\d+: is not YAML: /);
    const bomb = Array.from({ length: 30 }, (_, i) => `b${i}: &b${i} [${i === 0 ? '1' : `*b${i - 1}, *b${i - 1}`}]`);
    expect(verdict(bomb.join('\n'))).toMatch(/^w\.yaml:1:1: cannot be read: /);
    expect(verdict('a: *nobody')).toMatch(/^w\.yaml:1:\d+: /);
  });

  it('when it is not there', async () => {
    await expect(readWorkload('/nowhere/x.yaml')).rejects.toMatchObject({
      code: 'WORKLOAD',
      line: 'workload /nowhere/x.yaml cannot be read: no such file or folder; give a workload file, such as workloads/s.yaml',
    });
  });

  it('when it is a folder', async () => {
    await expect(readWorkload('/')).rejects.toThrow('workload / cannot be read: it is a folder');
  });
});

describe('overrides', () => {
  const withOverrides = (text: string, overrides: Partial<OverrideTexts>) =>
    parseWorkload(text, 'w.yaml', { ...noOverrides, ...overrides });

  it.each<{ overrides: Partial<OverrideTexts>; warm: number; main: number }>([
    { overrides: { rate: '200' }, warm: 20, main: 200 },
    { overrides: { set: ['phases[1].arrival.rate=7'] }, warm: 20, main: 7 },
    { overrides: { rate: '200', set: ['phases[0].arrival.rate=7'] }, warm: 7, main: 200 },
  ])('$overrides changes one place of what a YAML anchor names', ({ overrides, warm, main }) => {
    const text = `clients: 10
phases:
  - { name: warm, warmUp: true, duration: 1s, arrival: &load { model: open, rate: 20 } }
  - { name: main, duration: 1s, arrival: *load }
`;
    const rates = withOverrides(text, overrides).phases.map(({ arrival }) => arrival);
    expect(rates).toMatchObject([{ fromPerSec: warm }, { fromPerSec: main }]);
  });

  it('set duration, rate, clients, connections and seed', () => {
    const overrides = { duration: '1m', rate: '7', clients: '5', connections: '2', seed: '9' };
    const workload = withOverrides(good, overrides);
    expect(workload).toMatchObject({ clients: 5, connections: 2, seed: 9 });
    expect(workload.phases[0]).toMatchObject({ durationMs: 60_000, arrival: { fromPerSec: 7, toPerSec: 7 } });
  });

  it('leave warm-ups alone', () => {
    const text = good.replace(
      'phases:',
      'phases:\n  - { name: w, warmUp: true, duration: 1s, arrival: { model: open, rate: 3 } }',
    );
    const [warmUp, load] = withOverrides(text, { duration: '9s', rate: '7' }).phases;
    expect(warmUp).toMatchObject({ durationMs: 1000, arrival: { fromPerSec: 3 } });
    expect(load).toMatchObject({ durationMs: 9000, arrival: { fromPerSec: 7 } });
  });

  it('take connections down with fewer clients', () => {
    expect(withOverrides(`${good}connections: 8`, { clients: '3' })).toMatchObject({ clients: 3, connections: 3 });
  });

  it('reach any field, make groups that are missing, and count from 0', () => {
    const set = [
      'phases[0].arrival.rate={from: 1, to: 3}',
      'thresholds.maxP99=20ms',
      'phases.0.name=x',
      'values.size=8',
    ];
    expect(withOverrides(good, { set })).toMatchObject({
      phases: [{ name: 'x', arrival: { fromPerSec: 1, toPerSec: 3 } }],
      thresholds: { maxP99Ms: 20 },
      values: { bytes: 8 },
    });
  });

  it.each([
    [
      { rate: 'abc' },
      '--rate abc: phases[0].arrival.rate must be requests per second, or {from: …, to: …} for a ramp, not "abc"',
    ],
    [
      { duration: '5' },
      '--duration 5: phases[0].duration must be a duration with its unit, at least 1ms, such as 500ms, 60s or 1m30s, not "5"',
    ],
    [{ clients: '0' }, '--clients 0: clients must be a whole number from 1 to 100000, not 0'],
    [
      { connections: '20' },
      '--connections 20: connections must be at most the number of clients (10), as a client uses one connection',
    ],
    [{ set: ['values.bytes=3'] }, '--set values.bytes=3: values.bytes is not a field here: allowed are size'],
    [
      { set: ['phases[0].arivall.rate=3'] },
      '--set phases[0].arivall.rate=3: phases[0].arivall is not a field here: did you mean arrival? allowed are name, warmUp, arrival, duration, count, mix',
    ],
    [
      { set: ['phases[3].name=x'] },
      '--set phases[3].name=x: phases[3] has no fields or items to set; see the workload file for its fields',
    ],
    [{ set: ['phases[3]=x'] }, '--set phases[3]=x: phases[3] is not there; the list has 1 items, counted from 0'],
    [
      { set: ['clients.x=1'] },
      '--set clients.x=1: clients has no fields or items to set; see the workload file for its fields',
    ],
    [{ set: ['nonsense'] }, '--set nonsense is not PATH=VALUE; write --set phases[0].arrival.rate=500'],
    [{ set: ['__proto__.x=1'] }, '--set __proto__.x=1 is not PATH=VALUE; write --set phases[0].arrival.rate=500'],
    [
      { set: ['a.__proto__=1'] },
      `--set a.__proto__=1: a is not a field here: allowed are name, description, clients, connections, spread, timeout, seed, keys, values, preload, phases, thresholds`,
    ],
    [{ set: ['clients=['] }, '--set clients=[ is not YAML: Flow sequence must end with a ]; quote it for the shell'],
  ])('%o is refused', (overrides, line) => expect(verdict(good, overrides)).toBe(line));

  it.each([
    [{ clients: '0' }, '--clients 0: clients must be a whole number from 1 to 100000, not 0'],
    [
      { duration: '5' },
      '--duration 5: phases[0].duration must be a duration with its unit, at least 1ms, such as 500ms, 60s or 1m30s, not "5"',
    ],
    [{ clients: '0', seed: 'x' }, '--clients 0: clients must be a whole number from 1 to 100000, not 0 (and 1 more)'],
  ])('%o is told once, however many fields it sets', (overrides, line) => {
    const second = '  - {name: more, arrival: {model: closed}, duration: 2s}\n';
    expect(verdict(`${good}${second}connections: 8`, overrides)).toBe(line);
  });

  it('of a rate are refused where nothing has one', () => {
    expect(verdict(good.replace('open, rate: 100', 'closed'), { rate: '5' })).toBe(
      '--rate 5: no phase of this workload has a rate; a closed loop goes as fast as it can: leave --rate out',
    );
  });
});

describe('the shipped workloads', () => {
  it.each(shipped)('%s is good, and editors are told its schema', async (name) => {
    const url = new URL(name, workloads);
    const workload = await readWorkload(url.pathname);
    expect(workload.name).toBe(name.replace('.yaml', ''));
    expect(readFileSync(url, 'utf8')).toMatch(/^# yaml-language-server: \$schema=workload\.schema\.json\n/);
  });

  it.each([
    { name: 's', rate: 150, clients: 50 },
    { name: 'm', rate: 1000, clients: 200 },
    { name: 'l', rate: 8000, clients: 500 },
    { name: 'xl', rate: 15_000, clients: 1000 },
  ])('$name is what etcdctl check perf calls $name, once warm', async ({ name, rate, clients }) => {
    const workload = await readWorkload(new URL(`${name}.yaml`, workloads).pathname);
    const arrival = { model: 'open', spacing: 'constant', fromPerSec: rate, toPerSec: rate };
    const mix = [{ op: 'put' }];
    expect(workload).toMatchObject({
      clients,
      keys: { sizeBytes: { kind: 'fixed', bytes: 256 }, count: null },
      values: { kind: 'fixed', bytes: 1024 },
      phases: [
        { warmUp: true, durationMs: 2_000, arrival, mix },
        { warmUp: false, durationMs: 60_000, arrival, mix },
      ],
      thresholds: { minRateFraction: 0.9, maxLatencyMs: 500, maxStddevMs: 100, maxErrorFraction: 0 },
    });
  });

  it('have a schema for editors that is current: node test/tools/workload-schema.mjs', () => {
    const saved = readFileSync(new URL('workload.schema.json', workloads), 'utf8');
    expect(JSON.parse(saved)).toEqual(JSON.parse(workloadJsonSchema()));
  });
});

describe('any text whatever', () => {
  const mutated = fc
    .tuple(fc.nat(good.length), fc.nat(12), fc.string({ maxLength: 12 }))
    .map(([at, length, text]) => good.slice(0, at) + text + good.slice(at + length));
  const anything = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.json(), mutated);

  it('is a workload or a Failure of one line', () => {
    fc.assert(
      fc.property(anything, (text) => {
        expect(verdict(text)).toMatch(/^(accepted|w\.yaml:\d+:\d+: .+)$/);
      }),
      { numRuns: 500 },
    );
  });

  it('as an override too', () => {
    const path = fc.constantFrom('clients', 'phases', 'phases[0].mix[0].op', 'keys.size', 'thresholds.minRate', 'x.y');
    fc.assert(
      fc.property(path, fc.oneof(fc.json(), fc.string()), (field, value) => {
        expect(verdict(good, { set: [`${field}=${value}`] })).toMatch(/^(accepted|--set .+|w\.yaml:\d+:\d+: .+)$/s);
      }),
      { numRuns: 300 },
    );
  });
});
