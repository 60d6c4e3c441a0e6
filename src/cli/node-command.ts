/**
 * `bench node`: configuration, log, the node itself, and the ways in which it ends.
 *
 *   SIGTERM, SIGINT, SIGHUP, SIGQUIT, the death of our parent under npx, the end of stdin (BENCH_EXIT_WITH_STDIN=1)
 *     -> no new calls, open ones end, what is applied is flushed -> it ends by that signal, as etcd does
 *   a second one, a bug of ours, or a disk that takes longer
 *     -> at once: the WAL has all that was acknowledged
 *   the end of stdin, of a parent that made our directory (BENCH_EXIT_WITH_STDIN=DATA-DIR)
 *     -> nobody is left to ask for the data, or to remove them: we do
 *
 * Promises: a user's mistake is told in etcd's words, without a stack, before anything is changed on the disk; an end
 * takes 1.5 s at most, but for such a removal.
 */
import { rm } from 'node:fs/promises';
import { sleep } from '../base/clock.ts';
import { StartFailure } from '../node/config/start-failure.ts';
import type { NodeConfig } from '../node/config.ts';
import { goSystemText } from '../node/config/go-system-text.ts';
import { readNodeConfig } from '../node/config/node-config.ts';
import type { Notice } from '../node/config/notice.ts';
import { beginExit } from '../node/exit.ts';
import { letHeapGrow } from '../node/heap.ts';
import { openLog, type EndableLog } from '../node/log.ts';
import type { RunningNode } from '../node/start.ts';
import { signals, type Interrupts } from './interrupts.ts';
import { tellStartFailure } from './node-failures.ts';
import { nodeHelp, nodeVersionText } from './node-help.ts';
import { toolVersion } from './tool-version.ts';

/** From the signal to the end. Should even the event loop stand, a thread ends the process then. */
const endMsMax = 1_450;
/** Of that, for the node: what is open ends, what is applied is flushed. */
const stopMs = 1_200;
/** For gigabytes on a slow disk; nobody waits for it. */
const removalMsMax = 30_000;
/**
 * Set by a parent whose child is to end with it: it holds the other end of our stdin. To 1, or to the data directory that
 * it made for us and that is to go too; any other directory is none of its business.
 */
const stdinVariable = 'BENCH_EXIT_WITH_STDIN';
const stdinEnd = 'the end of stdin';

/** `words` are those after `node`. Answers the exit code, unless it ends by a signal. */
export async function nodeCommand(words: readonly string[], interrupts: Interrupts): Promise<number> {
  const notices: Notice[] = [];
  let log = logTo({ logLevel: 'info', logFormat: 'json', logOutputs: ['stderr'] });
  try {
    const request = readNodeConfig(words, process.env, notices);
    if (request.kind !== 'start') return print(request.kind === 'help' ? nodeHelp() : nodeVersionText());
    log = logTo(request.config);
    tellNotices(notices.splice(0), log);
    return await runNode(request.config, log, interrupts);
  } catch (thrown) {
    tellNotices(notices, log);
    const code = tellStartFailure(thrown, log);
    if (code === null) throw thrown;
    return code;
  } finally {
    await log.close();
  }
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

type LogConfig = Pick<NodeConfig, 'logLevel' | 'logFormat' | 'logOutputs'>;

function logTo({ logLevel, logFormat, logOutputs }: LogConfig): EndableLog {
  try {
    return openLog({ level: logLevel, format: logFormat, outputs: logOutputs, wallMs: Date.now });
  } catch (thrown) {
    const path = thrown instanceof Error && 'path' in thrown ? String(thrown.path) : '';
    throw new StartFailure('verify', `open sink "${path}": open ${path}: ${goSystemText(thrown)}`);
  }
}

function tellNotices(notices: readonly Notice[], log: EndableLog): void {
  for (const { level, message, fields } of notices) log[level](message, fields);
}

async function runNode(config: NodeConfig, log: EndableLog, interrupts: Interrupts): Promise<number> {
  letHeapGrow();
  const bond = process.env[stdinVariable];
  const ownsData = bond === config.dataDir;
  interrupts.watch({ parents: isUnderNpm() && !ownsData }); // of the parent's two signs of death stdin says more
  if (ownsData || bond === '1') watchStdin(interrupts);
  const interrupted = onceAborted(interrupts.stop);
  const { startNode } = await import('../node/start.ts');
  const starting = startNode(config, log, toolVersion());
  const node = await Promise.race([starting, interrupted]);
  const failed = node !== null && (await Promise.race([node.ended.then(() => true), interrupted]));
  if (failed) return leaveFailed(node);
  if (interrupts.reason === stdinEnd && ownsData) await removeData(config, log, starting);
  else if (node !== null) return stopNode(node, log, interrupts);
  return endBySignal(interrupts, log);
}

/** What a start still makes would stay behind us: it comes to its end first. */
async function removeData({ dataDir }: NodeConfig, log: EndableLog, starting: Promise<unknown>): Promise<void> {
  log.info('the parent has ended; removing the data directory that it made', { 'data-dir': dataDir });
  const started = starting.catch(() => {});
  const removed = started.then(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }));
  await beginExit(removed, removalMsMax);
}

/** A write failed and the log says so. What is with the disk may never come back: nobody waits for it long. */
async function leaveFailed(node: RunningNode): Promise<number> {
  await beginExit(node.stop());
  return 1;
}

/** As Go names them. */
const signalNames: ReadonlyMap<string, string> = new Map([
  ['SIGTERM', 'terminated'],
  ['SIGINT', 'interrupt'],
  ['SIGHUP', 'hangup'],
  ['SIGQUIT', 'quit'],
]);

async function stopNode(node: RunningNode, log: EndableLog, interrupts: Interrupts): Promise<number> {
  const reason = interrupts.reason ?? '';
  if (reason === bugReason) return leaveAtOnce(); // the memory is in doubt: nothing of it may be flushed
  log.info('received signal; shutting down', { signal: signalNames.get(reason) ?? reason });
  let inTime = false;
  const stopped = node.stop().then(() => void (inTime = true));
  await beginExit(Promise.race([stopped, sleep(stopMs), onceAborted(interrupts.abandon)]), endMsMax);
  if (!inTime) log.warn('left before everything was flushed: the WAL has it');
  return endBySignal(interrupts, log);
}

async function leaveAtOnce(): Promise<number> {
  await beginExit(Promise.resolve());
  return 1;
}

/** What exit.ts notes when something was thrown that nobody caught. */
const bugReason = 'an internal error';
/** The kernel acts before this has passed. */
const deliveryMs = 1_000;

/**
 * By the signal's default action no thread is waited for, and our parent sees what etcd's parent would. The kernel delivers
 * none to the first process of a container, which ends with 0 (docs/etcd-facts.md, ends).
 */
async function endBySignal(interrupts: Interrupts, log: EndableLog): Promise<number> {
  const signal = signals.find((each) => each === interrupts.reason) ?? 'SIGTERM';
  await log.close();
  if (process.pid === 1) return 0;
  interrupts.release();
  process.kill(process.pid, signal);
  await sleep(deliveryMs);
  return 1;
}

/** npm starts us through a shell and passes SIGTERM on to neither: then the end of our parents is that signal. */
function isUnderNpm(): boolean {
  return process.env['npm_command'] !== undefined;
}

function watchStdin(interrupts: Interrupts): void {
  const note = (): void => interrupts.note(stdinEnd);
  process.stdin.once('end', note).once('close', note).once('error', note).resume();
}

function onceAborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}
