/**
 * One round: start the target, look before leaping, send the load while watching the server and the host, take our keys
 * away, stop the target. Whatever happens in between, the last two happen.
 */
import { utf8 } from '../base/bytes.ts';
import { nowMs } from '../base/clock.ts';
import { ExitCode, Failure, messageOf } from '../base/failure.ts';
import type { Log } from '../base/log.ts';
import type { ChannelSettings } from '../client/channel.ts';
import type { Endpoint } from '../client/endpoint.ts';
import { removeKeys } from './cleanup.ts';
import { interrupted, targetFailure } from './control.ts';
import type { User } from '../client/token-source.ts';
import { openControl, type Control } from './control-clients.ts';
import type { LoadEvents, LoadOutcome, LoadProgress, LoadSpec } from './load-spec.ts';
import { largestBytes } from './planned-bytes.ts';
import { askMembers, loadEndpoints, preflight, type Guards, type RoundPlan } from './preflight.ts';
import type { CleanupResult, EarlyEnd, RoundResult, TargetInfo } from './result.ts';
import { RoundWatch, type Watched } from './round-watch.ts';
import type { RoundRoom, RunningTarget, Target } from './targets/target.ts';
import type { Workload } from './workload.ts';

/** The code of a Failure that is our own doing. */
const generatorBroke = 'GENERATOR';

/** Sends a load: `runLoad` of load.ts, which is loaded only once a round begins. */
export type Load = (spec: LoadSpec, events: LoadEvents, signal: AbortSignal) => Promise<LoadOutcome>;

export interface RoundSpec {
  readonly round: number;
  readonly target: Target;
  readonly room: RoundRoom;
  readonly workload: Workload;
  readonly channel: ChannelSettings;
  readonly user: User | null;
  readonly parent: string | null;
  readonly maxBytes: number | null;
  readonly load: Load;
  /** Aborted by the second interrupt: do not wait for the clean-up. */
  readonly abandon: AbortSignal;
}

export interface RoundEvents {
  readonly log: Log;
  onProgress(progress: LoadProgress): void;
  onCleanup(keysRemoved: number): void;
}

export interface RoundOutcome {
  readonly info: TargetInfo;
  readonly result: RoundResult;
  /** What broke the round off after it had begun to write; null when nothing did. */
  readonly failure: Failure | null;
}

/** Throws a Failure when the round was refused before anything was written. */
export async function runRound(spec: RoundSpec, events: RoundEvents): Promise<RoundOutcome> {
  const startedAt = new Date().toISOString();
  const running = await spec.target.start(spec.room);
  try {
    const info = targetInfo(spec, running);
    announce(info, events.log);
    const control = await openControl(running.endpoints, spec.channel, spec.user, spec.room.signal);
    try {
      return { info, ...(await driveRound(spec, events, { running, control, startedAt })) };
    } finally {
      await control.close();
    }
  } catch (thrown) {
    const failure = targetFailure(thrown);
    // Before the load, an interrupt shows as whatever call it cut short.
    throw failure !== null && spec.room.signal.aborted ? interrupted() : (failure ?? thrown);
  } finally {
    await running.stop();
  }
}

interface Driven {
  readonly running: RunningTarget;
  readonly control: Control;
  readonly startedAt: string;
}

async function driveRound(spec: RoundSpec, events: RoundEvents, driven: Driven): Promise<Omit<RoundOutcome, 'info'>> {
  const { running, control } = driven;
  const { workload, channel, room } = spec;
  const { signal } = room;
  const [watch, members] = await Promise.all([
    RoundWatch.open(running, channel.tls, { workload, directory: room.directory }),
    askMembers(control.members(signal)),
  ]);
  const guards: Guards = { ...spec, disposable: running.disposable };
  const plan = await preflight(guards, control.cluster(signal), { members, quotaBytes: watch.quotaBytes });
  const endpoints = loadEndpoints(workload.spread, running.endpoints, members);
  // A server that has ended answers nothing more: its load ends with it.
  const loadSignal = AbortSignal.any([signal, running.end]);
  const sent = await sendLoad(spec, events, { endpoints, plan, token: control.token, watch, signal: loadSignal });
  const earlyEnd = earlyEndOf(sent, running.end);
  tellEarlyEnd(sent, earlyEnd, spec);
  const cleanup = running.disposable ? await dropServer(running) : await cleanUp(spec, events, control, plan, sent);
  const { outcome, watched } = sent;
  const result: RoundResult = {
    round: spec.round,
    target: spec.target.name,
    startedAt: driven.startedAt,
    prefix: plan.prefix,
    phases: outcome?.phases ?? [],
    server: { ...watched.server, version: plan.version, dbSizeBytesBefore: plan.dbSizeBytes },
    host: watched.host,
    cleanup,
    earlyEnd,
  };
  return { result, failure: earlyEnd?.reason === 'server-ended' ? null : sent.failure };
}

interface Sent {
  readonly outcome: LoadOutcome | null;
  readonly watched: Watched;
  readonly failure: Failure | null;
}

/** The server's own end comes first: whatever else broke the load off followed from it. */
function earlyEndOf({ failure, outcome }: Sent, serverEnd: AbortSignal): EarlyEnd | null {
  if (serverEnd.aborted) return { reason: 'server-ended', words: `the server ended with ${String(serverEnd.reason)}` };
  if (failure === null) return outcome?.earlyEnd ?? null;
  return { reason: failure.code === generatorBroke ? 'generator-broke' : 'failure', words: failure.message };
}

/** The verdict is on what was sent, and does not say that there was more to send. An interrupt has its own line. */
function tellEarlyEnd({ failure, outcome }: Sent, earlyEnd: EarlyEnd | null, { room }: RoundSpec): void {
  if (failure !== null || room.signal.aborted || outcome === null || earlyEnd === null) return;
  if (outcome.phases.every((phase) => phase.warmUp)) return;
  const { words } = earlyEnd;
  room.log.info(outcome.earlyEnd === null ? `${words} during the load` : `the load ended early: ${words}`);
}

interface Prepared {
  readonly endpoints: readonly Endpoint[];
  readonly plan: RoundPlan;
  readonly token: string | null;
  readonly watch: RoundWatch;
  readonly signal: AbortSignal;
}

/** Never rejects: once requests may have left, the clean-up has to follow. */
async function sendLoad(
  spec: RoundSpec,
  events: RoundEvents,
  { endpoints, plan, token, watch, signal }: Prepared,
): Promise<Sent> {
  const load: LoadSpec = {
    workload: spec.workload,
    endpoints,
    channel: spec.channel,
    token,
    prefix: utf8(plan.prefix),
    bound: plan.bound,
  };
  const loadEvents: LoadEvents = {
    onProgress: (progress) => events.onProgress(progress),
    onPhaseStart: (index, startMs) => watch.phaseStart(index, startMs),
    onPhaseEnd: (index) => watch.phaseEnd(index),
  };
  watch.start();
  try {
    const outcome = await spec.load(load, loadEvents, signal);
    return { outcome, watched: await watch.finish(outcome.phases), failure: null };
  } catch (thrown) {
    return {
      outcome: null,
      watched: await watch.finish([]),
      failure: targetFailure(thrown) ?? generatorFailure(thrown),
    };
  }
}

function cleanUp(
  spec: RoundSpec,
  events: RoundEvents,
  control: Control,
  plan: RoundPlan,
  { outcome }: Sent,
): Promise<CleanupResult> {
  return removeKeys(control.cluster(spec.abandon), {
    prefix: plan.prefix,
    keyBytesMax: utf8(plan.prefix).length + largestBytes(spec.workload.keys.sizeBytes),
    unanswered: outcome === null || outcome.earlyEnd !== null || outcome.phases.some(hasErrors),
    signal: spec.abandon,
    onProgress: (keysRemoved) => events.onCleanup(keysRemoved),
  });
}

/** A server of ours goes away with all it stores: no key of it is removed one by one. */
async function dropServer(running: RunningTarget): Promise<CleanupResult> {
  const startMs = nowMs();
  await running.stop();
  return { keysRemoved: 0, keysLeft: 0, tookMs: nowMs() - startMs, error: null };
}

/** A bug of ours: told after the clean-up, and never as the target's fault. */
function generatorFailure(thrown: unknown): Failure {
  const details = { exitCode: ExitCode.invalid, cause: thrown, remedy: 'please report it' };
  return new Failure(generatorBroke, `the load generator broke: ${messageOf(thrown)}`, details);
}

function hasErrors(phase: { readonly errors: Readonly<Record<string, number>> }): boolean {
  return Object.keys(phase.errors).length > 0;
}

function targetInfo(spec: RoundSpec, running: RunningTarget): TargetInfo {
  return {
    name: spec.target.name,
    kind: spec.target.kind,
    endpoints: running.endpoints.map((endpoint) => endpoint.url),
    transport: spec.channel.transport,
    serverCommand: running.serverCommand,
    storage: running.storage,
    sharesHost: running.sharesHost,
  };
}

function announce(info: TargetInfo, log: Log): void {
  if (info.serverCommand === null) return;
  const quota = info.serverCommand.find((argument) => argument.startsWith('--quota-backend-bytes='));
  const { storage } = info;
  const where = storage === null ? '' : `, data in ${storage.directory} (${storage.fileSystem} on ${storage.device})`;
  log.info(`started ${info.serverCommand[0]} at ${info.endpoints.join(',')} with ${quota} beside its defaults${where}`);
}
