/**
 * Fuzzes every decoder in targets.ts: `npm run test:fuzz [-- --executions N --seed S --target NAME --keep]`.
 *
 * Deterministic: execution i of a target is a function of the seed, i and the corpus, so that a crash prints what
 * replays it. A crash is saved in corpus/<target>.txt and from then on runs first, every time.
 * `--keep` saves one input for each new outcome, which is how the corpus was made. The last line counts targets.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nowMs } from '../../src/base/clock.ts';
import { messageOf } from '../../src/base/failure.ts';
import { createRandom, mixSeed, type Random } from '../../src/base/random.ts';
import { Corpus } from './corpus.ts';
import { BranchCoverage, type FileCoverage } from './coverage.ts';
import { mutateBytes, pick } from './mutate.ts';
import type { FuzzTarget } from './target.ts';

/** What one target came to. */
interface Outcome {
  readonly executions: number;
  readonly outcomes: number;
  readonly ms: number;
  readonly crash: string | null;
}

/** Inputs that are mutated; those that brought something new join until it is full. */
const poolMax = 512;
/** Longer inputs are not saved: the corpus is read by people too. */
const keptBytesMax = 512;
/** Outcomes are remembered up to this; a target that makes more words than this has words that are too fine. */
const outcomesMax = 4_096;

const { values: flags } = parseArgs({
  options: {
    executions: { type: 'string', default: '1200000' },
    seed: { type: 'string', default: '1' },
    target: { type: 'string' },
    keep: { type: 'boolean', default: false },
    missed: { type: 'boolean', default: false },
  },
});
const seed = Number(flags.seed);
// The compiled runner lies in dist-test/test/fuzz; the corpus stays with the sources.
const corpus = new Corpus(join(import.meta.dirname, '../../../test/fuzz/corpus'));

class Campaign {
  readonly #target: FuzzTarget;
  readonly #pool: Uint8Array[];
  readonly #seen = new Set<string>();
  readonly #kept = new Map<string, Uint8Array>();
  readonly #bytesMax: number;

  constructor(target: FuzzTarget) {
    this.#target = target;
    this.#bytesMax = target.inputBytesMax ?? 2_048;
    this.#pool = [...corpus.read(target.name).values(), ...target.seeds];
  }

  /** The corpus as it is, then `executions` mutations. Stops at the first crash. */
  run(executions: number): Outcome {
    const startedMs = nowMs();
    const known = [...this.#pool];
    let done = 0;
    let crash = null;
    for (; done < known.length && crash === null; done++) crash = this.#try(known[done]!, `corpus-${done}`);
    for (let i = 0; i < executions && crash === null; i++, done++) {
      crash = this.#try(this.#input(createRandom(mixSeed(seed, i))), `${seed}-${i}`);
    }
    if (flags.keep) corpus.write(this.#target.name, this.#kept);
    return { executions: done, outcomes: this.#seen.size, ms: nowMs() - startedMs, crash };
  }

  #input(random: Random): Uint8Array {
    const start = pick(this.#pool, random);
    const { mutate, dictionary = [] } = this.#target;
    if (mutate !== undefined && random.below(2) === 0) return mutate(start, random).subarray(0, this.#bytesMax);
    return mutateBytes(start, random, { pool: this.#pool, dictionary, bytesMax: this.#bytesMax });
  }

  #try(input: Uint8Array, name: string): string | null {
    try {
      this.#note(this.#target.run(input.slice()), input);
      return null;
    } catch (thrown) {
      const path = corpus.write(this.#target.name, new Map([[`crash-${name}`, input]]));
      const trace = thrown instanceof Error ? (thrown.stack ?? thrown.message) : messageOf(thrown);
      return `${trace}\n  saved ${path}; replay: npm run test:fuzz -- --target ${this.#target.name} --seed ${seed}`;
    }
  }

  #note(outcome: string, input: Uint8Array): void {
    if (this.#seen.has(outcome) || this.#seen.size >= outcomesMax) return;
    this.#seen.add(outcome);
    if (this.#pool.length < poolMax) this.#pool.push(input);
    if (input.length <= keptBytesMax) this.#kept.set(nameOf(outcome), input);
  }
}

function nameOf(outcome: string): string {
  return outcome.replace(/[^a-zA-Z0-9]+/g, '-').slice(0, 60) || 'nothing';
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** By room; `--missed` adds each file and the lines whose branches were not taken. */
function printCoverage(files: readonly FileCoverage[]): void {
  const rooms = new Map<string, { branches: number; taken: number }>();
  for (const file of files) {
    const path = file.path.slice(file.path.indexOf('/src/') + 1);
    const room = path.split('/').slice(0, 2).join('/');
    for (const name of [room, 'in all']) {
      const sum = rooms.get(name) ?? { branches: 0, taken: 0 };
      rooms.set(name, { branches: sum.branches + file.branches, taken: sum.taken + file.covered });
    }
    if (flags.missed)
      print(`  ${path} ${percent(file.covered, file.branches)}, not taken: ${file.missedLines.join(' ')}`);
  }
  for (const [name, { branches, taken }] of rooms) {
    print(`branch coverage ${name}: ${percent(taken, branches)} (${taken} of ${branches})`);
  }
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / Math.max(whole, 1)).toFixed(1)} %`;
}

// Counting starts before the decoders load, because tables are built while they do. Generated code is not ours to cover.
const coverage = new BranchCoverage(/\/dist-test\/src\/(?!base\/|.*\/gen\/)/);
const { targets } = await import('./targets.ts');
const chosen = targets.filter((target) => flags.target === undefined || target.name === flags.target);
const weights = chosen.reduce((sum, target) => sum + target.weight, 0);
let executions = 0;
let failed = 0;
for (const target of chosen) {
  const result = new Campaign(target).run(Math.ceil((Number(flags.executions) * target.weight) / weights));
  executions += result.executions;
  const rate = Math.round(result.executions / (result.ms / 1e3));
  print(`${target.name.padEnd(20)} ${result.executions} executions, ${result.outcomes} outcomes, ${rate}/s`);
  if (result.crash === null) continue;
  failed++;
  print(`${target.name} crashed: ${result.crash}`);
}
printCoverage(coverage.finish());
print(`${executions} executions with seed ${seed}`);
print(`${chosen.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 && chosen.length > 0 ? 0 : 1;
