import { describe, expect, it } from 'vitest';
import {
  parseCpuTimes,
  parseDiskTimes,
  parseMemoryAvailable,
  parsePressureUs,
  parseProcessCpuSeconds,
  parseProcessMemory,
} from '../../src/metrics/proc-texts.ts';

/** Recorded on Linux 6.18, two cores; the steal and guest columns filled in. */
const stat = `cpu  41706 10 8591 325711 999 3 146 28 500 5
cpu0 18820 0 3559 166092 54 0 25 12 0 0
cpu1 22885 0 5032 159619 944 0 121 16 0 0
intr 686186 0 0 0
ctxt 3170461
`;
const diskstats = `   7       0 loop0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
 254       0 vda 151455 35103 6024306 56877 37173 36149 4199664 9667 0 16076 67456 9425 78 1209312 717 4801 193
 254       1 vda1 1 2 3 4 5 6 7 8 9 10 11
`;
const meminfo = `MemTotal:       24684092 kB
MemFree:        24127284 kB
MemAvailable:   24239596 kB
`;
const pressure = `some avg10=28.80 avg60=27.36 avg300=15.25 total=116055839
full avg10=0.00 avg60=0.00 avg300=0.00 total=7
`;
const processStat = (name: string) =>
  `17223 (${name}) R 16841 16841 6105 0 -1 4194304 98 0 0 0 1234 66 7 8 20 0 1 0 189487 3133440 382 18446744073709551615`;

describe('/proc/stat', () => {
  it('adds up the cores, and counts guests once', () => {
    const busy = 41706 + 10 + 8591 + 3 + 146;
    expect(parseCpuTimes(stat)).toEqual({ busy, ioWait: 999, steal: 28, total: busy + 325711 + 999 + 28 });
  });

  it('takes the columns of old kernels', () => {
    expect(parseCpuTimes('cpu 1 2 3 4\n')).toEqual({ busy: 6, ioWait: 0, steal: 0, total: 10 });
  });

  it.each(['', 'cpu0 1 2 3 4\n', 'cpu 1 2 3\n', 'cpu 1 2 x 4\n', 'cpu 1 -2 3 4\n'])('%j says nothing', (text) =>
    expect(parseCpuTimes(text)).toBeNull(),
  );
});

describe('/proc/diskstats', () => {
  it.each([
    { device: '254:0', expected: { writes: 37173, writtenBytes: 4199664 * 512, busyMs: 16076 } },
    { device: 'vda', expected: { writes: 37173, writtenBytes: 4199664 * 512, busyMs: 16076 } },
    { device: 'vda1', expected: { writes: 5, writtenBytes: 3584, busyMs: 10 } },
    { device: '254:2', expected: null },
    { device: '54:0', expected: null },
  ])('$device', ({ device, expected }) => expect(parseDiskTimes(diskstats, device)).toEqual(expected));

  it('a short line says nothing', () => expect(parseDiskTimes('254 0 vda 1 2 3', 'vda')).toBeNull());
});

it('/proc/meminfo', () => {
  expect(parseMemoryAvailable(meminfo)).toBe(24239596 * 1024);
  expect(parseMemoryAvailable('MemFree: 1 kB\n')).toBeNull();
});

it('/proc/pressure', () => {
  expect(parsePressureUs(pressure)).toBe(116055839);
  expect(parsePressureUs('')).toBeNull();
});

describe('/proc/PID', () => {
  it.each(['cat', 'a) R (b', ') ', '17 R 1 1 1 1 1 1 1 1 1 1 1'])('stat of %j', (name) =>
    expect(parseProcessCpuSeconds(processStat(name))).toBe(13),
  );

  it.each(['', '17223 (cat)', '17223 (cat) R 1 2 3'])('stat %j says nothing', (text) =>
    expect(parseProcessCpuSeconds(text)).toBeNull(),
  );

  it('status', () => {
    const status = 'Name:\tcat\nVmHWM:\t    2080 kB\nVmRSS:\t    2081 kB\nRssAnon:\t     144 kB\n';
    expect(parseProcessMemory(status)).toEqual({ residentBytes: 2081 * 1024, anonymousBytes: 144 * 1024 });
    expect(parseProcessMemory('Name:\tzombie\n')).toBeNull();
    expect(parseProcessMemory('VmRSS:\t 1 kB\n')).toEqual({ residentBytes: 1024, anonymousBytes: null });
  });
});
