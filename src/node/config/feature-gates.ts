/** `--feature-gates`: the gates of etcd 3.6 and 3.7 and their defaults. None can be switched yet. */
import { goQuote, parseGoBool } from './go-values.ts';

/** By name (docs/etcd-facts.md, feature gates). */
const gates: ReadonlyMap<string, boolean> = new Map([
  ['StopGRPCServiceOnDefrag', false],
  ['InitialCorruptCheck', false],
  ['CompactHashCheck', false],
  ['TxnModeWriteWithSharedBuffer', true],
  ['LeaseCheckpoint', false],
  ['LeaseCheckpointPersist', false],
  ['SetMemberLocalAddr', false],
  ['FastLeaseKeepAlive', true],
  ['PriorityRequest', false],
  ['AllAlpha', false],
  ['AllBeta', false],
]);

interface GateText {
  readonly name: string;
  readonly value: string | null;
}

function gateTexts(text: string): GateText[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .map((each) => /^([^=]*?)\s*(?:=\s*(.*))?$/s.exec(each))
    .map((match) => ({ name: match?.[1] ?? '', value: match?.[2] ?? null }));
}

/** Null, or what is wrong, in the words of Kubernetes' parser, which etcd took over. */
export function gatesFault(text: string): string | null {
  for (const { name, value } of gateTexts(text)) {
    if (value === null) return `missing bool value for ${name}`;
    if (parseGoBool(value) === null) {
      return `invalid value of ${name}=${value}, err: strconv.ParseBool: parsing ${goQuote(value)}: invalid syntax`;
    }
    if (!gates.has(name)) return `unrecognized feature gate: ${name}`;
  }
  return null;
}

/** The first gate that is given another value than its default, as it would be typed; null when there is none. */
export function switchedGate(text: string): string | null {
  const switched = gateTexts(text).find(({ name, value }) => parseGoBool(value ?? '') !== gates.get(name));
  return switched === undefined ? null : `${switched.name}=${switched.value}`;
}
