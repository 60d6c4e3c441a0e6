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
const steps: readonly UpgradeStep[] = [earlyEndsGetReasons];

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

function earlyEndsGetReasons(document: AnyDocument): AnyDocument {
  const { rounds } = document;
  return Array.isArray(rounds) ? { ...document, rounds: rounds.map(earlyEndGetsReason) } : document;
}

function earlyEndGetsReason(round: unknown): unknown {
  if (typeof round !== 'object' || round === null || Array.isArray(round)) return round;
  const { stoppedBecause, ...rest } = round as AnyDocument;
  const earlyEnd = typeof stoppedBecause === 'string' ? earlyEndOf(stoppedBecause) : stoppedBecause;
  return { ...rest, earlyEnd };
}

/** Version 1 had the words alone, always one of these. */
function earlyEndOf(words: string): EarlyEnd {
  if (words === 'interrupted') return { reason: 'interrupted', words };
  if (words === 'all connections were lost') return { reason: 'connections-lost', words };
  if (words.startsWith('the server ended with ')) return { reason: 'server-ended', words };
  if (words.includes(' was used up in ')) return { reason: 'bound-used-up', words };
  return { reason: /^\d+ puts of the preload failed: /.test(words) ? 'preload-failed' : 'failure', words };
}
