/**
 * A member over the real log on a disk in memory, and a backend in memory: each life begins with what the one before has
 * left. All that happens in a life happens on its clock, so a process is killed by nobody's passing the time any more.
 */
import { expect } from 'vitest';
import { assert } from '../../src/base/assert.ts';
import { createRandom } from '../../src/base/random.ts';
import { openLog } from '../../src/node/disk/wal-log-store.ts';
import type { LoopConfig, Node } from '../../src/node/node.ts';
import type { Entry } from '../../src/node/raft/entry.ts';
import type { Applied } from '../../src/node/state/state.ts';
import { StateMachine } from '../../src/node/state/state-machine.ts';
import { LogRun } from './disk/log-run.ts';
import { type DiskImage, MemoryFiles } from './disk/memory-files.ts';
import { PowerLoss } from './disk/power-loss.ts';
import { clusterId, memberId, memberOf } from './member.ts';
import { MemoryClock } from './memory-clock.ts';
import { MemoryStorage } from './memory-storage.ts';
import { Machine } from './state/machine.ts';
import { SlicedKeyIndex } from './state/sliced-key-index.ts';

export interface Life {
  /** Of the order in which the disk completes, and of what a loss of power leaves. */
  readonly seed: number;
  readonly config: Partial<LoopConfig>;
  /** What one commit of the backend takes. */
  readonly commitMs: number;
  readonly end: 'stop' | 'kill' | 'powerLoss';
  /** The commit that is under way when it is killed is there afterwards. */
  readonly isCommitWritten: boolean;
}

/** So small that a few entries fill one. */
const segmentBytes = 2_048;
/** So few that a compaction is cut short anywhere. */
const sliceRevisions = 1;
const diskMs = 1;
const patienceMs = 10_000;

export class WalWorld {
  /** Applies what any life applies, once, and is never killed. */
  readonly spared = new Machine();
  state!: StateMachine;
  node!: Node;
  clock!: MemoryClock;
  storage = new MemoryStorage();
  #files!: MemoryFiles;
  #image: DiskImage = new Map();
  #fatal: string[] = [];

  async start(life: Life): Promise<void> {
    const clock = (this.clock = new MemoryClock());
    const files = new MemoryFiles(this.#image, life.seed, null, (finish) => void clock.after(diskMs, finish));
    this.#files = files;
    let node: Node | null = null;
    const observer = {
      onPersisted: (number: number) => node?.onPersisted(number),
      onFailed: (error: Error) => node?.onFailed(error),
    };
    const options = { ...new LogRun(files, life.seed).options(segmentBytes), memberId, clusterId, clock, observer };
    const { log, restored: found } = await this.#during(openLog(options));
    this.storage = this.storage.crash(false, { later: (finish) => void clock.after(life.commitMs, finish) });
    const state = (this.state = new WitnessedState(this.storage, clock, this.spared));
    const onFatal = (problem: string): void => void this.#fatal.push(problem);
    node = this.node = memberOf({ ...life, clock, log, found, state, onFatal }).node;
    node.start();
  }

  async end(life: Life): Promise<void> {
    if (life.end === 'stop') await this.#during(this.node.stop(patienceMs / 2));
    expect([this.#fatal, this.#files.violations]).toEqual([[], []]);
    this.#image = life.end === 'powerLoss' ? this.#remains(life.seed) : this.#files.image();
    this.storage = this.storage.crash(life.isCommitWritten);
  }

  #remains(seed: number): DiskImage {
    const power = new PowerLoss(this.#image);
    for (const event of this.#files.events) power.happened(event);
    return power.image(createRandom(seed));
  }

  /** Lets time pass until it is done. */
  async #during<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const over = (): void => void (isOver = true);
    work.then(over, over);
    for (let ms = 0; !isOver; ms++) {
      assert(ms < patienceMs, 'it ends');
      this.clock.pass(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return work;
  }
}

/** Shows the machine that is spared what is applied, and compares: the same entry at an index, and the same answer. */
class WitnessedState extends StateMachine {
  readonly #spared: Machine;

  constructor(storage: MemoryStorage, clock: MemoryClock, spared: Machine) {
    super(storage, new SlicedKeyIndex(sliceRevisions), { clock });
    this.#spared = spared;
  }

  override apply(entry: Entry, applied: Applied): void {
    super.apply(entry, applied);
    const { log, state } = this.#spared;
    if (entry.index <= state.appliedIndex) return expect(entry).toEqual(log[entry.index - 1]);
    const own = { ...entry, data: entry.data.slice() };
    log.push(own);
    const { error, revision } = this.#spared.replay(own);
    expect(applied).toMatchObject({ error, revision });
  }
}
