/**
 * What a disk may hold after the power went: everything that was synced, and of the rest any sectors and any first part of
 * the changes of names, for they reach the platter when it suits the disk.
 */
import type { Random } from '../../../src/base/random.ts';
import { sectorBytes } from '../../../src/node/disk/wal-record.ts';
import { resized, type DiskEvent } from './memory-files.ts';

type Change = Extract<DiskEvent, { kind: 'write' | 'truncate' }>;
type NameChange = Extract<DiskEvent, { kind: 'create' | 'rename' | 'remove' }>;

interface Numbered<T> {
  readonly at: number;
  readonly change: T;
}

interface Disk {
  durable: Uint8Array;
  pending: Numbered<Change>[];
}

export class PowerLoss {
  readonly #inodes = new Map<number, Disk>();
  readonly #names = new Map<string, number>();
  #pendingNames: Numbered<NameChange>[] = [];
  #count = 0;

  constructor(image: ReadonlyMap<string, Uint8Array> = new Map()) {
    for (const [path, bytes] of image) {
      this.#names.set(path, this.#inodes.size);
      this.#inodes.set(this.#inodes.size, { durable: bytes, pending: [] });
    }
  }

  /** Events in their order. */
  happened(event: DiskEvent): void {
    const at = this.#count++;
    if (event.kind === 'synced') this.#synced(event.inode, event.issued);
    else if (event.kind === 'directorySynced') this.#namesSynced(event.path, event.issued);
    else if (event.kind === 'write' || event.kind === 'truncate')
      this.#inodes.get(event.inode)!.pending.push({ at, change: event });
    else {
      if (event.kind === 'create') this.#inodes.set(event.inode, { durable: new Uint8Array(0), pending: [] });
      this.#pendingNames.push({ at, change: event });
    }
  }

  /** One of the images that may be left if the power goes now. */
  image(random: Random): Map<string, Uint8Array> {
    const names = new Map(this.#names);
    const reached = random.below(this.#pendingNames.length + 1);
    for (const { change } of this.#pendingNames.slice(0, reached)) rename(names, change);
    const chance = [0, 0.5, 0.9, 1][random.below(4)]!;
    return new Map([...names].map(([path, inode]) => [path, contents(this.#inodes.get(inode)!, chance, random)]));
  }

  #synced(inode: number, issued: number): void {
    const disk = this.#inodes.get(inode)!;
    for (const { at, change } of disk.pending)
      if (at < issued) disk.durable = applied(disk.durable, change, () => true);
    disk.pending = disk.pending.filter(({ at }) => at >= issued);
  }

  #namesSynced(directory: string, issued: number): void {
    const reaches = ({ at, change }: Numbered<NameChange>) =>
      at < issued && (change.kind === 'rename' ? change.to : change.path).startsWith(`${directory}/`);
    for (const numbered of this.#pendingNames) if (reaches(numbered)) rename(this.#names, numbered.change);
    this.#pendingNames = this.#pendingNames.filter((numbered) => !reaches(numbered));
  }
}

function rename(names: Map<string, number>, change: NameChange): void {
  if (change.kind === 'create') names.set(change.path, change.inode);
  else if (change.kind === 'remove') names.delete(change.path);
  else {
    const inode = names.get(change.from);
    names.delete(change.from);
    if (inode !== undefined) names.set(change.to, inode);
  }
}

function contents(disk: Disk, chance: number, random: Random): Uint8Array {
  let { durable: bytes } = disk;
  for (const { change } of disk.pending) bytes = applied(bytes, change, () => random.float() < chance);
  return bytes;
}

/** A truncation reaches the disk whole or not at all, a write by sectors. */
function applied(bytes: Uint8Array, change: Change, reaches: () => boolean): Uint8Array {
  if (change.kind === 'truncate') return reaches() ? resized(bytes, change.sizeBytes) : bytes;
  const { position, bytes: written } = change;
  const result = resized(bytes, Math.max(bytes.length, position + written.length));
  let end = bytes.length;
  for (let from = 0; from < written.length;) {
    const to = Math.min(written.length, from + sectorBytes - ((position + from) % sectorBytes));
    if (reaches()) {
      result.set(written.subarray(from, to), position + from);
      end = Math.max(end, position + to);
    }
    from = to;
  }
  return end === result.length ? result : result.subarray(0, end);
}
