/** Texts from servers and from the kernel: read, or refused with a Failure, whatever they hold. */
import { Failure } from '../../../src/base/failure.ts';
import { parseExposition } from '../../../src/metrics/exposition.ts';
import { histogramQuantile } from '../../../src/metrics/histogram.ts';
import { mountOf } from '../../../src/metrics/mounts.ts';
import {
  parseCpuTimes,
  parseDiskTimes,
  parseMemoryAvailable,
  parsePressureUs,
  parseProcessCpuSeconds,
  parseProcessMemory,
} from '../../../src/metrics/proc-texts.ts';
import { check, fromText } from '../check.ts';
import type { FuzzTarget } from '../target.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

export const exposition: FuzzTarget = {
  name: 'exposition',
  weight: 1,
  seeds: [
    fromText('# HELP up Is it.\n# TYPE up gauge\nup{a="b",c="d\\"e"} 1 1395066363000\n'),
    fromText('# TYPE h histogram\nh_bucket{le="0.1"} 1\nh_bucket{le="+Inf"} 3\nh_sum 4.5e-1\nh_count 3\n'),
  ],
  dictionary: ['NaN', '+Inf', '{', '}', '="', '\\n', '# TYPE ', 'le="', '_bucket', '1e308'].map(fromText),
  run: (input) => {
    try {
      const parsed = parseExposition(text(input));
      const histogram = parsed.histogram('h');
      if (histogram === null) return `ok ${Math.min(9, parsed.sampleCount)}`;
      const quantile = histogramQuantile(0.99, histogram);
      check(quantile === null || !Number.isNaN(quantile), 'a quantile is a number or nothing');
      return `histogram ${histogram.bounds.length} ${quantile === null}`;
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      return thrown.message.replace(/\d+/, 'n');
    }
  },
};

export const procTexts: FuzzTarget = {
  name: 'proc-texts',
  weight: 1,
  seeds: [
    fromText('cpu  41706 10 8591 325711 999 3 146 28 500 5\ncpu0 1 2\n'),
    fromText(' 254 0 vda 151455 35103 6024306 56877 37173 36149 4199664 9667 0 16076 67456\n'),
    fromText('MemAvailable:   24239596 kB\nVmRSS:\t 2081 kB\nRssAnon:\t 144 kB\n'),
    fromText('some avg10=28.80 avg60=27.36 avg300=15.25 total=116055839\n'),
    fromText('17223 (cat) R 16841 16841 6105 0 -1 4194304 98 0 0 0 1234 66 7 8 20\n'),
    fromText('27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n31 27 8:17 / /var/lib/et\\040cd rw - xfs /dev/sdb1 rw\n'),
  ],
  dictionary: [' - ', '\\040', 'cpu ', 'total=', ' kB', ') ', '254:0', '/var/lib'].map(fromText),
  run: (input) => {
    const given = text(input);
    const cpu = parseCpuTimes(given);
    check(cpu === null || cpu.total >= cpu.busy, 'a part is no more than the whole');
    const found = [
      cpu,
      parseDiskTimes(given, '254:0'),
      parseMemoryAvailable(given),
      parsePressureUs(given),
      parseProcessCpuSeconds(given),
      parseProcessMemory(given),
      mountOf('/var/lib/etcd', given),
    ];
    return found.map((each) => (each === null ? '-' : 'x')).join('');
  },
};
