/**
 * A B+tree over the keys of the arena: finds, steps and changes in O(log keys) node visits, whatever the keys are.
 *
 * A search first goes down blindly: at each node it takes for granted that the key sought shares the node's prefix, and goes
 * by fragments alone. A key that is there does share them, so what one comparison at the leaf does not confirm is not there;
 * and one that is not has taken the right way if it shares the longest prefix that it passed. Mostly the fragments on the way
 * have shown that already, but for the root's prefix. Only when it does not, the search goes down once more and looks at a
 * key in each node.
 *
 * Slots are linked in key order beside the tree, so stepping needs no search.
 */
import { assert } from '../../../base/assert.ts';
import type { KeyArena } from './key-arena.ts';
import { chunkMask, chunkShift, type RowTable } from './row-table.ts';
import { slotNext, slotWords } from './slot-row.ts';
import { entriesMax, TreeNodes } from './tree-nodes.ts';

/** 15 entries a node and more (mergeBelow): 2^31 slots are 8 levels; those on the right edge may hold less. */
const levelsMax = 16;
/** A node with fewer entries joins a sibling when both together leave room for some more. */
const mergeBelow = entriesMax >> 2;
const mergedMax = (entriesMax * 3) >> 2;

export class KeyTree {
  readonly #slots: RowTable;
  readonly #arena: KeyArena;
  readonly #nodes: TreeNodes;
  #root: number;
  /** The root's level; leaves are level 0. */
  #height = 0;
  #head = -1;
  /** The way of the last search, by level: the node, and the child that was taken; in the leaf, entries up to the key. */
  readonly #pathNode = new Int32Array(levelsMax);
  readonly #pathPosition = new Int32Array(levelsMax);
  #prefixMax = 0;
  /** A key that shares the root's prefix shares all on the path. */
  #fragmentsAgree = false;

  constructor(slots: RowTable, arena: KeyArena) {
    this.#slots = slots;
    this.#arena = arena;
    this.#nodes = new TreeNodes(arena);
    this.#root = this.#nodes.create();
  }

  get heldBytes(): number {
    return this.#nodes.heldBytes;
  }

  /** The slot of a key, -1 when there is none. */
  find(source: Uint8Array, start: number, end: number): number {
    return this.#descend(source, start, end, false) ? this.#slotBefore() : -1;
  }

  /** The same; after -1 the key may be inserted, before anything else happens. */
  locate(source: Uint8Array, start: number, end: number): number {
    if (this.#descend(source, start, end, false)) return this.#slotBefore();
    if (!this.#sharesPrefixes(source, start, end)) {
      this.#descend(source, start, end, true);
      this.#widen(source, start, end);
    }
    return -1;
  }

  /** The first slot at or after a key, -1 at the end. */
  seek(source: Uint8Array, start: number, end: number): number {
    if (this.#descend(source, start, end, false)) return this.#slotBefore();
    if (!this.#sharesPrefixes(source, start, end)) this.#descend(source, start, end, true);
    return this.#pathPosition[0] === 0 ? this.#head : this.next(this.#slotBefore());
  }

  next(slot: number): number {
    return this.#slots.words[slot >>> chunkShift]![(slot & chunkMask) * slotWords + slotNext]!;
  }

  /** Inserts the key that `locate` has just looked for, now that `slot` holds it. */
  insert(slot: number): void {
    const position = this.#pathPosition[0]!;
    if (position === 0) {
      this.#setNext(slot, this.#head);
      this.#head = slot;
    } else {
      const before = this.#slotBefore();
      this.#setNext(slot, this.next(before));
      this.#setNext(before, slot);
    }
    this.#insertAt(0, position, slot, slot);
  }

  /** Takes out a slot whose key is still in the arena. */
  remove(slot: number): void {
    const start = this.#arena.start(slot);
    const found = this.find(this.#arena.bytes(slot), start, start + this.#arena.length(slot));
    assert(found === slot, 'a slot in use is in the tree');
    this.#pathPosition[0]!--;
    const before = this.#slotBeforePath();
    if (before < 0) this.#head = this.next(slot);
    else this.#setNext(before, this.next(slot));
    this.#removeAt(0);
  }

  /** Goes down to the leaf where the key is or would be; true when it is there, just before the path's position. */
  #descend(source: Uint8Array, start: number, end: number, careful: boolean): boolean {
    const nodes = this.#nodes;
    let node = this.#root;
    let prefixMax = 0;
    let shared = nodes.prefix(node);
    this.#fragmentsAgree = true;
    for (let level = this.#height; ; level--) {
      const count = careful
        ? nodes.countUpToAny(node, level, source, start, end)
        : nodes.countUpTo(node, level, source, start, end);
      this.#pathNode[level] = node;
      const prefix = nodes.prefix(node);
      if (prefix > prefixMax) prefixMax = prefix;
      if (prefix > shared) this.#fragmentsAgree = false;
      if (level === 0) {
        this.#pathPosition[0] = count;
        this.#prefixMax = prefixMax;
        return nodes.equalSuffix && this.#sharesLeafPrefix(source, start, end, prefix);
      }
      const child = count === 0 ? 0 : count - 1;
      this.#pathPosition[level] = child;
      shared = nodes.sharedByFragment(node, child, end - start);
      node = nodes.entry(node, child);
    }
  }

  #sharesLeafPrefix(source: Uint8Array, start: number, end: number, prefix: number): boolean {
    return this.#arena.sharedBytes(this.#slotBefore(), source, start, end, 0, prefix) === prefix;
  }

  /** Whether a key that was not found shares the prefixes of all nodes on its way, so that this was the right one. */
  #sharesPrefixes(source: Uint8Array, start: number, end: number): boolean {
    const limit = this.#fragmentsAgree ? this.#nodes.prefix(this.#root) : this.#prefixMax;
    if (limit === 0) return true;
    const slot = this.#nodes.first(this.#fragmentsAgree ? this.#root : this.#pathNode[0]!);
    return this.#arena.sharedBytes(slot, source, start, end, 0, limit) === limit;
  }

  /** Shortens the prefixes on the path that a key to be inserted does not share. */
  #widen(source: Uint8Array, start: number, end: number): void {
    for (let level = this.#height; level >= 0; level--) {
      const node = this.#pathNode[level]!;
      const prefix = this.#nodes.prefix(node);
      const shared = this.#arena.sharedBytes(this.#nodes.first(node), source, start, end, 0, prefix);
      if (shared < prefix) this.#nodes.setPrefix(node, level, shared);
    }
  }

  #slotBefore(): number {
    return this.#nodes.entry(this.#pathNode[0]!, this.#pathPosition[0]! - 1);
  }

  #setNext(slot: number, next: number): void {
    this.#slots.words[slot >>> chunkShift]![(slot & chunkMask) * slotWords + slotNext] = next;
  }

  /** The slot before the path's entry, through the leaf before if need be; -1 at the beginning. */
  #slotBeforePath(): number {
    let level = 0;
    while (level <= this.#height && this.#pathPosition[level] === 0) level++;
    if (level > this.#height) return -1;
    const entry = this.#nodes.entry(this.#pathNode[level]!, this.#pathPosition[level]! - 1);
    return level === 0 ? entry : this.#lastSlot(entry, level - 1);
  }

  #lastSlot(node: number, level: number): number {
    let entry = node;
    for (let below = level; below >= 0; below--) entry = this.#nodes.entry(entry, this.#nodes.count(entry) - 1);
    return entry;
  }

  /** Puts an entry into the path's node of a level, after room was made. */
  #insertAt(level: number, position: number, entry: number, slot: number): void {
    const node = this.#pathNode[level]!;
    if (this.#nodes.count(node) === entriesMax) {
      this.#insertSplitting(level, position, entry, slot);
      return;
    }
    this.#nodes.insert(node, position, entry, slot);
    if (position === 0) this.#firstChanged(level);
    // A node that was empty or a new root: its prefix says nothing yet.
    if (this.#nodes.count(node) <= 2) this.#lengthenPrefix(node, level);
  }

  /**
   * Splits in the middle; at the end instead when the new entry comes last, so that keys that arrive in order fill their
   * nodes. Both halves then take the longest prefix they can.
   */
  #insertSplitting(level: number, position: number, entry: number, slot: number): void {
    const nodes = this.#nodes;
    const left = this.#pathNode[level]!;
    const right = nodes.create();
    const cut = position === entriesMax ? entriesMax : entriesMax >> 1;
    nodes.takePrefix(right, nodes.prefix(left));
    nodes.moveEntries(left, cut, right);
    if (cut < entriesMax) nodes.setFirst(right, nodes.slotOf(right, level, 0));
    const goesRight = position > cut || position === entriesMax;
    if (goesRight) nodes.insert(right, position - cut, entry, slot);
    else nodes.insert(left, position, entry, slot);
    this.#lengthenPrefix(left, level);
    this.#lengthenPrefix(right, level);
    if (!goesRight && position === 0) this.#firstChanged(level);
    this.#insertNode(level + 1, right);
  }

  /** The right half of a split becomes an entry above, behind its left half. */
  #insertNode(level: number, right: number): void {
    if (level > this.#height) this.#addRoot();
    this.#insertAt(level, this.#pathPosition[level]! + 1, right, this.#nodes.first(right));
  }

  #addRoot(): void {
    const old = this.#root;
    const level = this.#height + 1;
    assert(level < levelsMax, 'the tree is not deeper than its fullest');
    this.#root = this.#nodes.create();
    this.#height = level;
    this.#pathNode[level] = this.#root;
    this.#pathPosition[level] = 0;
    this.#nodes.insert(this.#root, 0, old, this.#nodes.first(old));
  }

  #lengthenPrefix(node: number, level: number): void {
    if (this.#nodes.isPrefixTight(node)) return;
    const prefix = this.#sharedByAll(node, level);
    if (prefix !== this.#nodes.prefix(node)) this.#nodes.setPrefix(node, level, prefix);
  }

  /** What the first and the last key under a node share, all between them share. */
  #sharedByAll(node: number, level: number): number {
    const last = this.#lastSlot(node, level);
    const length = this.#arena.length(last);
    const start = this.#arena.start(last);
    return this.#arena.sharedBytes(this.#nodes.first(node), this.#arena.bytes(last), start, start + length, 0, length);
  }

  /** The path's node of a level begins with another key: so do those above it, as far as it is their first child. */
  #firstChanged(from: number): void {
    for (let level = from; level <= this.#height; level++) {
      const node = this.#pathNode[level]!;
      if (level > from) this.#nodes.refreshEntry(node, level, this.#pathPosition[level]!);
      if (level > from && this.#pathPosition[level] !== 0) return;
      this.#nodes.setFirst(node, this.#nodes.slotOf(node, level, 0));
    }
  }

  /** Removes the path's entry of a level, and what that leaves empty or nearly so. */
  #removeAt(level: number): void {
    const nodes = this.#nodes;
    const node = this.#pathNode[level]!;
    const position = this.#pathPosition[level]!;
    nodes.remove(node, position);
    if (nodes.count(node) === 0) {
      this.#removeEmpty(level, node);
      return;
    }
    if (position === 0) this.#firstChanged(level);
    if (level < this.#height) this.#mergeIfSmall(level, node);
    else this.#lowerRoot();
  }

  #removeEmpty(level: number, node: number): void {
    if (level === this.#height) {
      this.#nodes.takePrefix(node, 0);
      return;
    }
    this.#nodes.release(node);
    this.#removeAt(level + 1);
  }

  #mergeIfSmall(level: number, node: number): void {
    const nodes = this.#nodes;
    if (nodes.count(node) >= mergeBelow) return;
    const parent = this.#pathNode[level + 1]!;
    const position = this.#pathPosition[level + 1]!;
    const leftPosition = position > 0 ? position - 1 : 0;
    if (leftPosition + 1 >= nodes.count(parent)) return;
    const left = nodes.entry(parent, leftPosition);
    const right = nodes.entry(parent, leftPosition + 1);
    if (nodes.count(left) + nodes.count(right) > mergedMax) return;
    nodes.moveEntries(right, 0, left);
    nodes.setPrefix(left, level, this.#sharedByAll(left, level));
    nodes.release(right);
    this.#pathPosition[level + 1] = leftPosition + 1;
    this.#removeAt(level + 1);
  }

  #lowerRoot(): void {
    while (this.#height > 0 && this.#nodes.count(this.#root) === 1) {
      const old = this.#root;
      this.#root = this.#nodes.entry(old, 0);
      this.#nodes.release(old);
      this.#height--;
    }
  }
}
