/**
 * Under which prefix a round keeps its keys: a fresh random one below `/quorumbench/`, or below the parent that the user
 * names. Random, so that two runs never meet and everything below it is ours to delete.
 */
import { utf8 } from '../base/bytes.ts';
import { Failure } from '../base/failure.ts';
import { productionOwner } from './production-prefixes.ts';

export const defaultParent = '/quorumbench/';

/** etcd takes any key below its request limit; a prefix of more than this is a mistake. */
const parentBytesMax = 512;

/** Throws a Failure PREFIX when keys of ours have no business below `parent`. */
export function checkParent(parent: string): void {
  if (/^\/*$/.test(parent)) {
    throw refused(`--prefix "${parent}" would mix our keys with everybody's`);
  }
  if (utf8(parent).length > parentBytesMax) throw refused(`--prefix is longer than ${parentBytesMax} bytes`);
  const owner = productionOwner(parent);
  if (owner !== null) throw refused(`--prefix "${parent}" belongs to ${owner}`);
}

/** `random` is hexadecimal. */
export function roundPrefix(parent: string, random: string): string {
  return `${parent.endsWith('/') ? parent : `${parent}/`}${random}/`;
}

function refused(why: string): Failure {
  return new Failure('PREFIX', why, {
    remedy: `leave --prefix out to use ${defaultParent}, or choose one of your own`,
  });
}
