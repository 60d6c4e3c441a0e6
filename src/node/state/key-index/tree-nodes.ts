/**
 * The nodes of the key tree: rows of numbers. A node holds up to `entriesMax` entries in key order; an entry is a slot in a
 * leaf, a child node above. All keys under a node share its first `prefix` bytes, and of each entry the four bytes after
 * them (its fragment) stand in the node itself, so that a search seldom has to look at a key:
 *
 *   | count | prefix | first slot | - | fragments ... | entries ... |
 *
 * An entry above a leaf stands for the first key under it. The prefix may be shorter than it could be, never longer.
 */
import { fragmentOf, type KeyArena } from './key-arena.ts';
import { chunkMask, chunkShift, RowTable } from './row-table.ts';

export const entriesMax = 62;
const countField = 0;
const prefixField = 1;
const firstField = 2;
const fragmentsField = 4;
const entriesField = fragmentsField + entriesMax;
const nodeWords = entriesField + entriesMax;

export class TreeNodes extends RowTable {
  readonly #arena: KeyArena;
  /** Set by `countUpTo`: the last entry counted was found to be equal from `prefix` on. */
  equalSuffix = false;
  /** Set by `countUpTo`: the fragment of the key sought. */
  #sought = 0;

  constructor(arena: KeyArena) {
    super(nodeWords);
    this.#arena = arena;
  }

  create(): number {
    const node = this.allocate();
    const at = (node & chunkMask) * nodeWords;
    this.words[node >>> chunkShift]!.fill(0, at, at + fragmentsField);
    return node;
  }

  count(node: number): number {
    return this.words[node >>> chunkShift]![(node & chunkMask) * nodeWords + countField]!;
  }

  prefix(node: number): number {
    return this.words[node >>> chunkShift]![(node & chunkMask) * nodeWords + prefixField]!;
  }

  /** The slot of the smallest key under a node that is not empty. */
  first(node: number): number {
    return this.words[node >>> chunkShift]![(node & chunkMask) * nodeWords + firstField]!;
  }

  setFirst(node: number, slot: number): void {
    this.words[node >>> chunkShift]![(node & chunkMask) * nodeWords + firstField] = slot;
  }

  entry(node: number, position: number): number {
    return this.words[node >>> chunkShift]![(node & chunkMask) * nodeWords + entriesField + position]!;
  }

  /** The slot whose key an entry stands for. */
  slotOf(node: number, level: number, position: number): number {
    const entry = this.entry(node, position);
    return level === 0 ? entry : this.first(entry);
  }

  /**
   * How many entries stand for keys at or before source[start, end), which is taken to share the node's prefix. If it does
   * not, the answer is some number, and the one who asked finds out in the end.
   */
  countUpTo(node: number, level: number, source: Uint8Array, start: number, end: number): number {
    const words = this.words[node >>> chunkShift]!;
    const at = (node & chunkMask) * nodeWords;
    const fragment = fragmentOf(source, start + words[at + prefixField]!, end);
    const fragments = at + fragmentsField;
    this.#sought = fragment;
    let low = 0;
    let high = words[at + countField]!;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (words[fragments + middle]! <= fragment) low = middle + 1;
      else high = middle;
    }
    this.equalSuffix = false;
    if (low === 0 || words[fragments + low - 1]! !== fragment) return low;
    return this.#countAmongEqual(node, level, low, source, start, end);
  }

  /** The same when the fragments of the entries before `high` equal the key's: what is behind them decides. */
  #countAmongEqual(node: number, level: number, high: number, source: Uint8Array, start: number, end: number): number {
    const words = this.words[node >>> chunkShift]!;
    const at = (node & chunkMask) * nodeWords;
    const from = words[at + prefixField]! + 4;
    const fragment = words[at + fragmentsField + high - 1]!;
    let low = high - 1;
    while (low > 0 && words[at + fragmentsField + low - 1]! === fragment) low--;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = this.#arena.compare(this.slotOf(node, level, middle), source, start, end, from);
      if (order === 0) {
        this.equalSuffix = true;
        return middle + 1;
      }
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** How many bytes a key of `length` that was just counted shares with that of an entry, going by the fragment alone. */
  sharedByFragment(node: number, position: number, length: number): number {
    const words = this.words[node >>> chunkShift]!;
    const at = (node & chunkMask) * nodeWords;
    const different = words[at + fragmentsField + position]! ^ this.#sought;
    const shared = words[at + prefixField]! + (Math.clz32(different) >>> 3);
    return shared < length ? shared : length;
  }

  /** `countUpTo` for a key that need not share the prefix. */
  countUpToAny(node: number, level: number, source: Uint8Array, start: number, end: number): number {
    const prefix = this.prefix(node);
    if (prefix === 0) return this.countUpTo(node, level, source, start, end);
    const first = this.first(node);
    const shared = this.#arena.sharedBytes(first, source, start, end, 0, prefix);
    if (shared === prefix) return this.countUpTo(node, level, source, start, end);
    this.equalSuffix = false;
    return this.#arena.compare(first, source, start, end, shared) < 0 ? this.count(node) : 0;
  }

  /** Adds an entry at a position of a node that is not full; `slot` is what it stands for and shares the prefix. */
  insert(node: number, position: number, entry: number, slot: number): void {
    const words = this.words[node >>> chunkShift]!;
    const at = (node & chunkMask) * nodeWords;
    const count = words[at + countField]!;
    for (let i = at + count; i > at + position; i--) {
      words[i + fragmentsField] = words[i + fragmentsField - 1]!;
      words[i + entriesField] = words[i + entriesField - 1]!;
    }
    words[at + fragmentsField + position] = this.#arena.fragment(slot, words[at + prefixField]!);
    words[at + entriesField + position] = entry;
    words[at + countField] = count + 1;
    if (position === 0) words[at + firstField] = slot;
  }

  /** Leaves `first` to the caller, who knows the level. */
  remove(node: number, position: number): void {
    const words = this.words[node >>> chunkShift]!;
    const at = (node & chunkMask) * nodeWords;
    const count = words[at + countField]!;
    words.copyWithin(at + fragmentsField + position, at + fragmentsField + position + 1, at + fragmentsField + count);
    words.copyWithin(at + entriesField + position, at + entriesField + position + 1, at + entriesField + count);
    words[at + countField] = count - 1;
  }

  /** Appends the entries of `from` at and after `position` to `to`. Prefixes and first slots are left to `refresh`. */
  moveEntries(from: number, position: number, to: number): void {
    const source = this.words[from >>> chunkShift]!;
    const sourceAt = (from & chunkMask) * nodeWords;
    const target = this.words[to >>> chunkShift]!;
    const targetAt = (to & chunkMask) * nodeWords;
    const moved = source[sourceAt + countField]! - position;
    const end = target[targetAt + countField]!;
    for (let i = 0; i < moved; i++) {
      target[targetAt + fragmentsField + end + i] = source[sourceAt + fragmentsField + position + i]!;
      target[targetAt + entriesField + end + i] = source[sourceAt + entriesField + position + i]!;
    }
    target[targetAt + countField] = end + moved;
    source[sourceAt + countField] = position;
  }

  /** The fragment of an entry whose first key is another one now. */
  refreshEntry(node: number, level: number, position: number): void {
    const slot = this.slotOf(node, level, position);
    this.words[node >>> chunkShift]![(node & chunkMask) * nodeWords + fragmentsField + position] = this.#arena.fragment(
      slot,
      this.prefix(node),
    );
  }

  /** Whether the fragments show that the prefix is as long as it can be. */
  isPrefixTight(node: number): boolean {
    const words = this.words[node >>> chunkShift]!;
    const fragments = (node & chunkMask) * nodeWords + fragmentsField;
    const last = fragments + this.count(node) - 1;
    return last > fragments && words[fragments]! >>> 24 !== words[last]! >>> 24;
  }

  /** Another prefix, and with it other fragments. */
  setPrefix(node: number, level: number, prefix: number): void {
    this.words[node >>> chunkShift]![(node & chunkMask) * nodeWords + prefixField] = prefix;
    const count = this.count(node);
    for (let position = 0; position < count; position++) this.refreshEntry(node, level, position);
  }

  /** A prefix that fragments were taken after already, and still are. */
  takePrefix(node: number, prefix: number): void {
    this.words[node >>> chunkShift]![(node & chunkMask) * nodeWords + prefixField] = prefix;
  }
}
