/** Names of files in the log's and the snapshots' directories (docs/etcd-facts.md, data directory). */

/** One segment of the log. */
export interface SegmentName {
  readonly sequence: number;
  /** Of the first entry that it may hold. */
  readonly firstIndex: number;
}

const segmentPattern = /^([0-9a-f]{16})-([0-9a-f]{16})\.wal$/;
const snapPattern = /^([0-9a-f]{16})-([0-9a-f]{16})\.snap$/;

export function segmentFileName(name: SegmentName): string {
  return `${hex16(name.sequence)}-${hex16(name.firstIndex)}.wal`;
}

/** In order of their sequence; names that are no segments are left out. */
export function segmentsAmong(fileNames: readonly string[]): SegmentName[] {
  return pairsAmong(fileNames, segmentPattern)
    .map(([sequence, firstIndex]) => ({ sequence, firstIndex }))
    .sort((a, b) => a.sequence - b.sequence);
}

/** The state of raft at an index: what a .snap file is named after. */
export interface SnapName {
  readonly term: number;
  readonly index: number;
}

export function snapFileName(name: SnapName): string {
  return `${hex16(name.term)}-${hex16(name.index)}.snap`;
}

/** Oldest first. */
export function snapsAmong(fileNames: readonly string[]): SnapName[] {
  return pairsAmong(fileNames, snapPattern)
    .map(([term, index]) => ({ term, index }))
    .sort((a, b) => a.index - b.index || a.term - b.term);
}

/** Numbers beyond 2^53 are in nobody's names: such a file is none of ours. */
function pairsAmong(fileNames: readonly string[], pattern: RegExp): [number, number][] {
  return fileNames.flatMap((fileName) => {
    const match = pattern.exec(fileName);
    if (match === null) return [];
    const pair: [number, number] = [parseInt(match[1]!, 16), parseInt(match[2]!, 16)];
    return pair.every(Number.isSafeInteger) ? [pair] : [];
  });
}

function hex16(value: number): string {
  return value.toString(16).padStart(16, '0');
}
