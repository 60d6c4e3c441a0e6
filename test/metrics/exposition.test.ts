import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/base/failure.ts';
import { expositionLimits, parseExposition } from '../../src/metrics/exposition.ts';
import { histogramQuantile, histogramSince, observations } from '../../src/metrics/histogram.ts';

const recorded = (name: string) => readFileSync(new URL(`recorded/${name}.txt`, import.meta.url), 'utf8');
const before = parseExposition(recorded('etcd-3.4.23-before'));
const after = parseExposition(recorded('etcd-3.4.23-after'));

describe('metrics recorded from etcd 3.4.23', () => {
  it.each([
    { name: 'etcd_server_has_leader', value: 1, type: 'gauge' },
    { name: 'etcd_server_quota_backend_bytes', value: 2_147_483_648, type: 'gauge' },
    { name: 'etcd_mvcc_put_total', value: 1207, type: 'counter' },
    { name: 'process_cpu_seconds_total', value: 1.08, type: 'counter' },
    { name: 'etcd_disk_wal_fsync_duration_seconds', value: null, type: 'histogram' },
    { name: 'go_gc_duration_seconds', value: 2.7883e-5, type: 'summary' },
    { name: 'etcd_no_such_metric', value: null, type: null },
  ])('$name is $value', ({ name, value, type }) => {
    expect(after.value(name)).toBe(value);
    expect(after.type(name)).toBe(type);
  });

  it('finds and adds up samples by their labels', () => {
    const name = 'grpc_server_handled_total';
    expect(after.value(name, { grpc_method: 'Put', grpc_code: 'OK' })).toBe(1207);
    expect(after.sum(name, { grpc_code: 'OK' })).toBe(1208);
    expect(after.sum(name)).toBe(1208);
    expect(after.value(name, { grpc_code: 'Gone' })).toBeNull();
    expect(after.sum(name, { grpc_code: 'Gone' })).toBeNull();
    expect(after.labelValue('etcd_server_version', 'server_version')).toBe('3.4.23');
    expect(after.labelValue('etcd_server_version', 'other')).toBeNull();
    expect(after.value('go_gc_duration_seconds', { quantile: '0.75' })).toBe(0.000551023);
  });

  it('tells how long fsyncs took between two scrapes', () => {
    const name = 'etcd_disk_wal_fsync_duration_seconds';
    const since = histogramSince(before.histogram(name), after.histogram(name)!);
    expect(observations(since)).toBe(1149);
    expect(since.sum).toBeCloseTo(1.181347, 6);
    expect(histogramQuantile(0.5, since)).toBeCloseTo(0.00056601, 8);
    expect(histogramQuantile(0.99, since)).toBeCloseTo(0.01418909, 8);
  });

  it('has no histogram under the name of something else', () => {
    expect(after.histogram('etcd_server_has_leader')).toBeNull();
    expect(after.histogram('go_gc_duration_seconds')).toBeNull();
  });
});

describe('the text format', () => {
  it.each([
    { line: 'up 1', labels: {}, value: 1 },
    { line: 'up 1 1395066363000', labels: {}, value: 1 },
    { line: '  up\t\t-1.5e-3  ', labels: {}, value: -0.0015 },
    { line: 'up{} .5', labels: {}, value: 0.5 },
    { line: 'up{a="b",} +Inf', labels: { a: 'b' }, value: Infinity },
    { line: 'up{ a = "b" , c = "d" } -inf', labels: { a: 'b', c: 'd' }, value: -Infinity },
    { line: 'up{a="x} 5"}3', labels: { a: 'x} 5' }, value: 3 },
    { line: 'up{a="\\\\ \\" \\n \\x",b=""} 2', labels: { a: '\\ " \n \\x', b: '' }, value: 2 },
    { line: 'up{a="é,{}="} 7', labels: { a: 'é,{}=' }, value: 7 },
    { line: 'up{a="\u2028\r\\\u2029"} 8', labels: { a: '\u2028\r\\\u2029' }, value: 8 },
    { line: 'up 9007199254740993', labels: {}, value: 9007199254740992 },
  ])('$line', ({ line, labels, value }) => {
    const exposition = parseExposition(`# HELP up is\n# any comment\n\n${line}\r\nlast_line 1`);
    expect(exposition.value('up', labels)).toBe(value);
    expect(exposition.sampleCount).toBe(2);
  });

  it('has a value that is no number', () => {
    expect(parseExposition('up NaN\n').value('up')).toBeNaN();
  });

  it.each([
    'up',
    'up one',
    '1up 1',
    'up{a} 1',
    'up{,} 1',
    'up{a="b",,} 1',
    'up{a="b"}} 1',
    `up{${'}'.repeat(60_000)} x y`,
    `up{a="${'\\\\'.repeat(30_000)} x y`,
    'up{a=b} 1',
    'up{a="b" 1',
    'up{a="b"c="d"} 1',
    'up{1a="b"} 1',
    'up 0x10',
    'up 1 soon',
    'up 1 2 3',
    '<html><body>not found</body></html>',
    `up{a="${'x'.repeat(expositionLimits.lineCharsMax)}"} 1`,
    `up{${'a="",'.repeat(expositionLimits.labelsMax + 1)}} 1`,
  ])('refuses %.40s, naming the line', (line) => {
    expect(() => parseExposition(`ok 1\n${line}\n`)).toThrow(/^line 2 of the metrics /);
  });

  it('refuses more samples than any server has', () => {
    expect(() => parseExposition('up 1\n'.repeat(expositionLimits.samplesMax + 1))).toThrow(Failure);
  });

  it('throws nothing but its failure, whatever it is given', () => {
    const piece = fc.constantFrom(
      'up',
      '{',
      '}',
      'a="',
      '"',
      ',',
      ' ',
      '\n',
      '1',
      '\\',
      '#',
      ' TYPE ',
      'NaN',
      '\0',
      '=',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        try {
          parseExposition(pieces.join(''));
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Failure);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('reads back what was written with any label values', () => {
    const value = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.string({ unit: fc.constantFrom('\r', '\n', '\u2028', '\u2029', '\\', '"', '}', ' '), maxLength: 8 }),
    );
    fc.assert(
      fc.property(value, value, fc.double({ noNaN: true }), (a, b, number) => {
        const quoted = [a, b].map((text) => text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n'));
        const shown = Number.isFinite(number) ? String(number) : number > 0 ? '+Inf' : '-Inf';
        const exposition = parseExposition(`m{a="${quoted[0]}",b="${quoted[1]}"} ${shown}\n`);
        expect(exposition.value('m', { a, b })).toBe(Object.is(number, -0) ? 0 : number);
      }),
    );
  });
});
