/**
 * Old result documents, brought up to the present format one version at a time. Every change of `RunResult` that a
 * reader would notice adds one step here and one golden file to test/bench/golden.
 */
import { Failure } from '../base/failure.ts';
import { formatVersion, type EarlyEnd } from './result.ts';

/** A document of some version: fields unknown until the last step. */
export type AnyDocument = Readonly<Record<string, unknown>>;
export type UpgradeStep = (document: AnyDocument) => AnyDocument;

/** `steps[i]` turns version i + 1 into version i + 2. What has another shape stays: the check of the shape names it. */
const steps: readonly UpgradeStep[] = [toVersion2];

/** Answers `document` in the present format. Throws a Failure RESULT_VERSION when it is newer, or no version at all. */
export function upgradeDocument(document: AnyDocument, present = formatVersion, chain = steps): AnyDocument {
  const version = document['formatVersion'];
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    throw new Failure('RESULT_VERSION', 'the result file has no formatVersion', {
      remedy: 'give a folder of bench run',
    });
  }
  if (version > present) {
    throw new Failure('RESULT_VERSION', `the result file has format ${version}, this release reads up to ${present}`, {
      remedy: 'use the release that wrote it, or a newer one',
    });
  }
  return chain
    .slice(version - 1, present - 1)
    .reduce((older, step, index) => ({ ...step(older), formatVersion: version + index + 1 }), document);
}

function toVersion2(document: AnyDocument): AnyDocument {
  const upgraded = withEach(document, 'rounds', (round) => {
    const { stoppedBecause, ...rest } = withEach(round, 'phases', withStandstill);
    return { ...rest, earlyEnd: typeof stoppedBecause === 'string' ? earlyEndOf(stoppedBecause) : stoppedBecause };
  });
  return { ...upgraded, roundsAsked: roundsAskedOf(document), failure: null };
}

/** Version 1 had them in the command alone: `--rounds 3` or `--rounds=3`. */
function roundsAskedOf({ command }: AnyDocument): number {
  const text = Array.isArray(command) ? command.join(' ') : '';
  return Number(/ --rounds[ =](\d+)(?: |$)/.exec(text)?.[1] ?? 1);
}

/** Version 1 had the words alone, always one of these. */
function earlyEndOf(words: string): EarlyEnd {
  if (words === 'interrupted') return { reason: 'interrupted', words };
  if (words === 'all connections were lost') return { reason: 'connections-lost', words };
  if (words.startsWith('the server ended with ')) return { reason: 'server-ended', words };
  if (words.startsWith("the bound that the target's quota sets was used up in "))
    return { reason: 'quota-used-up', words };
  if (words.includes(' was used up in ')) return { reason: 'bound-used-up', words };
  if (words.startsWith('the load generator broke: ')) return { reason: 'generator-broke', words };
  return { reason: /^\d+ puts of the preload failed: /.test(words) ? 'preload-failed' : 'failure', words };
}

/** Version 1 had the longest stop alone, and it counted when it was above 100 ms and 1 % of the time. */
function withStandstill(phase: AnyDocument): AnyDocument {
  const { elapsedMs, generator } = phase;
  if (!isObject(generator)) return phase;
  const longestMs = Number(generator['eventLoopLagMsMax']);
  const stoodStillMs = longestMs > Math.max(100, Number(elapsedMs) / 100) ? longestMs : 0;
  return { ...phase, generator: { ...generator, stoodStillMs } };
}

function withEach(document: AnyDocument, list: string, change: UpgradeStep): AnyDocument {
  const items: unknown = document[list];
  if (!Array.isArray(items)) return document;
  return { ...document, [list]: items.map((item: unknown) => (isObject(item) ? change(item) : item)) };
}

function isObject(value: unknown): value is AnyDocument {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
