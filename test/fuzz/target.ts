/** What a decoder has to offer to be fuzzed. Add one to the list in targets.ts. */
import type { Random } from '../../src/base/random.ts';

export interface FuzzTarget {
  /** Also the name of its folder in corpus/. */
  readonly name: string;
  /** Share of all executions, relative to the other targets: cheap decoders can have many. */
  readonly weight: number;
  /** Well-formed inputs that mutation starts from, beside those in corpus/. At least one. */
  readonly seeds: readonly Uint8Array[];
  /** Pieces worth inserting: delimiters, length prefixes, key words. */
  readonly dictionary?: readonly Uint8Array[];
  /** A mutation that knows the format (whole frames moved, lengths kept right); used for half of the executions. */
  readonly mutate?: (input: Uint8Array, random: Random) => Uint8Array;
  /** Inputs are cut to this. Default 2,048. */
  readonly inputBytesMax?: number;
  /**
   * Decodes one input. Whatever it throws is a crash; a refusal the decoder promises is caught here, together with checks
   * of what must hold for every input. Returns a word for what happened ("ok 2 frames", "refused: …"): an input that
   * brings a new word joins the pool that is mutated.
   */
  run(input: Uint8Array): string;
}
