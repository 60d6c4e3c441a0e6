/** What fields of a workload mean for each other: each rule names the field to change and says what is allowed. */
import { keyDigits } from './key-space.ts';
import type { PhaseFile, WorkloadFile } from './workload-schema.ts';
import { toBytes } from './workload-values.ts';
import { zipfianCountMax } from './zipfian.ts';

type Path = readonly (string | number)[];
type Report = (path: Path, message: string) => void;

/** What is wrong, and where in the file's data. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
}

/** Random keys shorter than this would soon repeat: 6 random bits a byte. */
const randomKeyBytesMin = 8;

/** Of a file that the schema has accepted: the rules that it breaks. */
export function brokenRules(file: WorkloadFile): Problem[] {
  const problems: Problem[] = [];
  const report: Report = (path, message) => problems.push({ path, message });
  checkConnections(file, report);
  checkSize(file.keys.size, ['keys', 'size'], report);
  checkSize(file.values.size, ['values', 'size'], report);
  checkKeys(file, report);
  file.phases.forEach((phase, i) => checkPhase(file, phase, ['phases', i], report));
  checkMeasured(file, report);
  return problems;
}

function checkConnections({ clients, connections }: WorkloadFile, report: Report): void {
  if (connections !== undefined && connections > clients) {
    report(['connections'], `must be at most the number of clients (${clients}), as a client uses one connection`);
  }
}

function checkKeys({ keys, preload }: WorkloadFile, report: Report): void {
  const least = leastBytes(keys.size);
  if (keys.count === undefined) {
    if (least < randomKeyBytesMin)
      report(['keys', 'size'], `must be at least ${randomKeyBytesMin}B without keys.count`);
    if (preload > 0) report(['preload'], 'needs keys.count: there are no keys to put beforehand');
    return;
  }
  const digits = keyDigits(keys.count);
  if (least < digits) report(['keys', 'size'], `must be at least ${digits}B, so that ${keys.count} keys differ`);
  if (preload > keys.count) report(['preload'], `must be at most keys.count (${keys.count})`);
  if (keys.order === 'zipfian' && keys.count > zipfianCountMax) {
    report(['keys', 'count'], `must be at most ${zipfianCountMax} in zipfian order`);
  }
}

function checkPhase(file: WorkloadFile, phase: PhaseFile, path: Path, report: Report): void {
  if (phase.duration === undefined && phase.count === undefined) {
    report(path, 'needs a duration or a count: without one it would never end');
  }
  if (phase.arrival.model === 'open' && typeof phase.arrival.rate === 'object') {
    const { from, to } = phase.arrival.rate;
    if (from + to === 0) report([...path, 'arrival', 'rate'], 'must be above 0 at one end of the ramp');
    if (phase.duration === undefined) report(path, 'needs a duration: a ramp goes over one');
  }
  phase.mix.forEach((operation, i) => {
    const at = [...path, 'mix', i];
    const { count } = file.keys;
    const needsKeys = operation.op === 'delete' || (operation.op === 'range' && operation.span === 'key');
    if (needsKeys && count === undefined)
      report(at, `needs keys.count: without numbered keys a ${operation.op} finds none`);
    if (operation.op === 'txn' && count !== undefined && operation.puts > count) {
      report([...at, 'puts'], `must be at most keys.count (${count}), as a transaction puts different keys`);
    }
  });
}

function checkMeasured({ phases, thresholds }: WorkloadFile, report: Report): void {
  const measured = phases.filter((phase) => !phase.warmUp);
  if (measured.length === 0) report(['phases'], 'must have a phase that is no warm-up: nothing would be measured');
  const relative = typeof thresholds.minRate === 'string';
  if (relative && measured.some((phase) => phase.arrival.model === 'closed')) {
    report(
      ['thresholds', 'minRate'],
      'must be requests per second: a closed phase offers no rate to take a percentage of',
    );
  }
}

function checkSize(size: WorkloadFile['keys']['size'], path: Path, report: Report): void {
  if (typeof size === 'object' && toBytes(size.min) > toBytes(size.max)) {
    report([...path, 'min'], `must be at most max (${size.max})`);
  }
}

/** The smallest size that a size or a range of sizes allows. */
function leastBytes(size: WorkloadFile['keys']['size']): number {
  return toBytes(typeof size === 'object' ? size.min : size);
}
