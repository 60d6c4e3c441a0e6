/**
 * The Huffman code of RFC 7541 Appendix B, both ways.
 *
 * The code is canonical: codes of one length run upwards with the symbol, and longer ones go on where shorter ones ended.
 * So the 257 lengths are the whole definition; codes and the decoding machine are built from them at load.
 *
 * The machine eats four bits a step. Its states are the 256 inner nodes of the code tree; a step ends in another node and
 * yields at most one symbol, as no code is shorter than five bits. 4,096 steps in 16 KiB stay in the first-level cache.
 */
import { HpackError } from './hpack-error.ts';

const endOfString = 256;

/** Bits of each symbol's code, by symbol; the last is EOS. */
// prettier-ignore
const codeBits: readonly number[] = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
  28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
  5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
  7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
  6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
  24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
  21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
  26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  30,
];

// One step: the symbol it yields in bits 0-7, the next state in bits 8-15, then three flags.
const stepYields = 0x10000;
const stepFails = 0x20000;
/** The bits since the last symbol are a legal end: none, or fewer than eight ones. */
const stepAccepts = 0x40000;

const codes = canonicalCodes();
const steps = decodingSteps();

/** Octets that `text` (code units up to 255; others count as `?`) takes when coded. */
export function huffmanBytes(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i++) bits += codeBits[octetAt(text, i)]!;
  return (bits + 7) >>> 3;
}

/** A code unit that fits an octet, or `?`: cutting the high bits off would make new characters, a line feed among them. */
export function octetAt(text: string, index: number): number {
  const unit = text.charCodeAt(index);
  return unit > 0xff ? 0x3f : unit;
}

/** Codes `text` at `offset`, pads with ones (RFC 7541 5.2), returns the offset behind it. */
export function huffmanEncode(text: string, out: Uint8Array, offset: number): number {
  let at = offset;
  let held = 0; // up to 7 bits wait here for their octet, in the low end
  let heldBits = 0;
  for (let i = 0; i < text.length; i++) {
    const symbol = octetAt(text, i);
    let bits = codeBits[symbol]!;
    const code = codes[symbol]!;
    while (heldBits + bits >= 8) {
      const taken = 8 - heldBits;
      bits -= taken;
      out[at++] = (held << taken) | ((code >>> bits) & ((1 << taken) - 1));
      held = 0;
      heldBits = 0;
    }
    held = (held << bits) | (code & ((1 << bits) - 1));
    heldBits += bits;
  }
  if (heldBits > 0) out[at++] = (held << (8 - heldBits)) | (0xff >>> heldBits);
  return at;
}

/** The most octets that `codedBytes` octets can decode to: the shortest code has five bits. */
export function huffmanDecodedBytesMax(codedBytes: number): number {
  return Math.floor((codedBytes * 8) / 5);
}

/**
 * Decodes [start, end) of `source` into `out` from 0, returns how many octets came out. `out` must have room for
 * `huffmanDecodedBytesMax`. Throws HpackError for EOS, padding of more than 7 bits, or padding that is not all ones.
 */
export function huffmanDecode(source: Uint8Array, start: number, end: number, out: Uint8Array): number {
  let state = 0;
  let length = 0;
  let step = stepAccepts;
  for (let at = start; at < end; at++) {
    const octet = source[at]!;
    step = steps[(state << 4) | (octet >>> 4)]!;
    if ((step & stepYields) !== 0) out[length++] = step & 0xff;
    const seen = step;
    step = steps[((step >>> 8) & 0xff) * 16 + (octet & 0xf)]!;
    if ((step & stepYields) !== 0) out[length++] = step & 0xff;
    // RFC 7541 5.2: EOS inside a string is an error, whichever nibble completes it.
    if (((seen | step) & stepFails) !== 0) throw new HpackError('Huffman string contains EOS');
    state = (step >>> 8) & 0xff;
  }
  if ((step & stepAccepts) === 0) throw new HpackError('Huffman padding is wrong');
  return length;
}

function canonicalCodes(): Uint32Array {
  const result = new Uint32Array(codeBits.length);
  let code = 0;
  for (let bits = 5; bits <= 30; bits++) {
    for (let symbol = 0; symbol < codeBits.length; symbol++) if (codeBits[symbol] === bits) result[symbol] = code++;
    code *= 2;
  }
  return result;
}

/**
 * Builds the machine. A node is reached by a bit string that no code equals yet; nodes are numbered as they are met, the
 * root being 0. EOS has 30 bits of ones, so its leaf is the only way to fail.
 */
function decodingSteps(): Uint32Array {
  const tree = codeTree();
  const result = new Uint32Array(256 * 16);
  for (let state = 0; state < 256; state++) {
    for (let nibble = 0; nibble < 16; nibble++) result[state * 16 + nibble] = stepOf(tree, state, nibble);
  }
  return result;
}

/** Children of inner node n at [2n] and [2n+1]: an inner node's number, or ~symbol for a leaf. */
function codeTree(): Int16Array {
  const tree = new Int16Array(512);
  let nodes = 1;
  for (let symbol = 0; symbol <= endOfString; symbol++) {
    let node = 0;
    for (let bit = codeBits[symbol]! - 1; bit > 0; bit--) {
      const child = node * 2 + ((codes[symbol]! >>> bit) & 1);
      if (tree[child] === 0) tree[child] = nodes++;
      node = tree[child]!;
    }
    tree[node * 2 + (codes[symbol]! & 1)] = ~symbol;
  }
  return tree;
}

function stepOf(tree: Int16Array, state: number, nibble: number): number {
  let node = state;
  let flags = 0;
  for (let bit = 3; bit >= 0; bit--) {
    const child = tree[node * 2 + ((nibble >>> bit) & 1)]!;
    node = Math.max(child, 0); // a leaf leads back to the root
    if (~child === endOfString) flags |= stepFails;
    else if (child < 0) flags |= stepYields | ~child;
  }
  return flags | (node << 8) | (endsLegally(tree, node) ? stepAccepts : 0);
}

/** RFC 7541 5.2: padding is a prefix of EOS, hence all ones, and shorter than an octet. */
function endsLegally(tree: Int16Array, node: number): boolean {
  let reached = 0;
  for (let ones = 0; ones < 8; ones++) {
    if (reached === node) return true;
    reached = tree[reached * 2 + 1]!;
  }
  return false;
}
