/**
 * Rounds over targets, in ABBA order: what the result document is made from.
 *
 * Promises: what was measured before a failure or an interrupt is in the outcome; a failure before anything was measured
 * is thrown, and so is an interrupt. Never judges.
 */
import { Failure } from '../base/failure.ts';
import type { Log } from '../base/log.ts';
import type { ChannelSettings } from '../client/channel.ts';
import type { User } from '../client/token-source.ts';
import { interrupted } from './control.ts';
import type { LoadProgress } from './load-spec.ts';
import type { RoundResult, RunFailure, TargetInfo } from './result.ts';
import { abbaOrder, type Turn } from './round-order.ts';
import { runRound, type Load, type RoundEvents } from './round.ts';
import { fileNameOf, type Target } from './targets/target.ts';
import type { Workload } from './workload.ts';

export interface ExperimentSpec {
  readonly workload: Workload;
  readonly targets: readonly Target[];
  readonly rounds: number;
  readonly channel: ChannelSettings;
  readonly user: User | null;
  /** `--prefix`; null for the default. */
  readonly parent: string | null;
  /** `--max-bytes`: of each target, all rounds together; null without. */
  readonly maxBytes: number | null;
  /** The run's folder: logs and data of started servers go there. */
  readonly directory: string;
  readonly load: Load;
}

export interface ExperimentEvents {
  readonly log: Log;
  /** `title` names the target and the round. */
  onProgress(title: string, progress: LoadProgress): void;
  onCleanup(title: string, keysRemoved: number): void;
}

export interface Signals {
  /** End the load, clean up. */
  readonly stop: AbortSignal;
  /** Do not even wait for the clean-up. */
  readonly abandon: AbortSignal;
}

export interface ExperimentOutcome {
  /** All of them, in their order. */
  readonly targets: readonly TargetInfo[];
  readonly rounds: readonly RoundResult[];
  /** What ended it; null when nothing did. */
  readonly failure: (RunFailure & { readonly cause: Failure }) | null;
}

export async function runExperiment(
  spec: ExperimentSpec,
  events: ExperimentEvents,
  signals: Signals,
): Promise<ExperimentOutcome> {
  const infos = new Map<string, TargetInfo>();
  const rounds: RoundResult[] = [];
  let failure: ExperimentOutcome['failure'] = null;
  for (const turn of abbaOrder(spec.targets.length, spec.rounds)) {
    if (signals.stop.aborted || failure !== null) break;
    try {
      const outcome = await runTurn(spec, turn, events, signals);
      if (!infos.has(outcome.info.name)) infos.set(outcome.info.name, outcome.info);
      rounds.push(outcome.result);
      failure = outcome.failure === null ? null : failureOf(outcome.failure, spec, turn);
    } catch (thrown) {
      if (!(thrown instanceof Failure) || rounds.length === 0) throw thrown;
      failure = failureOf(thrown, spec, turn);
    }
  }
  if (rounds.length === 0) throw interrupted();
  const targets = spec.targets.map((target) => infos.get(target.name) ?? unseen(target, spec));
  return { targets, rounds, failure };
}

function failureOf(cause: Failure, { targets }: ExperimentSpec, turn: Turn): ExperimentOutcome['failure'] {
  const { message: words, exitCode } = cause;
  return { target: targets[turn.target]!.name, round: turn.round, words, exitCode, cause };
}

/** A target that no round was run against is one of several, so it is a server that we would have started here. */
function unseen({ name, kind }: Target, { channel }: ExperimentSpec): TargetInfo {
  const server = { endpoints: [], serverCommand: null, storage: null, sharesHost: true };
  return { name, kind, transport: channel.transport, ...server };
}

function runTurn(
  spec: ExperimentSpec,
  turn: Turn,
  events: ExperimentEvents,
  signals: Signals,
): ReturnType<typeof runRound> {
  const target = spec.targets[turn.target]!;
  const title =
    spec.rounds === 1 && spec.targets.length === 1 ? target.name : `${target.name} ${turn.round + 1}/${spec.rounds}`;
  const label = `${fileNameOf(target.name)}-round-${turn.round + 1}`;
  const roundEvents: RoundEvents = {
    log: events.log,
    onProgress: (progress) => events.onProgress(title, progress),
    onCleanup: (keysRemoved) => events.onCleanup(title, keysRemoved),
  };
  const room = { directory: spec.directory, label, log: events.log, signal: signals.stop };
  // Shares, not what earlier rounds have left: rounds are compared, so each may write as much as the others.
  const maxBytes = spec.maxBytes === null ? null : Math.floor(spec.maxBytes / spec.rounds);
  return runRound({ ...spec, round: turn.round, target, room, maxBytes, abandon: signals.abandon }, roundEvents);
}
